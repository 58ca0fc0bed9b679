/* node theme_check.mjs <folder of a theme app extension>: prints {files, offenses} as JSON, by Shopify's theme check. */
import theme from "@shopify/theme-check-node";

const config = new URL("theme-check.yml", import.meta.url).pathname;
const { offenses, theme: read } = await theme.themeCheckRun(process.argv[2], config, () => {});
const told = offenses.map(({ check, message, uri, start }) => `${uri.split("/").slice(-2).join("/")}:${start.line + 1} ${check}: ${message}`);
process.stdout.write(JSON.stringify({ files: read.length, offenses: told }));
