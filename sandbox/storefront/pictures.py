"""Product pictures drawn from what is known of a product: its type gives the shape, its words the colour and the pattern."""

# ruff: noqa: E501  paths of drawings are not read by the line

from __future__ import annotations

import html
import json
import sqlite3

from sandbox.history.words import COLOURS

PLAIN = ["#c9745f", "#6d8f8a", "#b58a5a", "#7f86a8", "#a9788f", "#8a9a5b", "#c49a4a", "#5f7f9c"]
GROUNDS = ["#f4ede2", "#eef0e8", "#f3e9e6", "#e9eef1", "#f1ecf2", "#f5f0dc"]

SHAPES = {
    "Bags": '<path d="M290 330c0-150 220-150 220 0" fill="none" stroke="#4a4038" stroke-width="18"/>'
    '<path d="M215 320h370l34 300a24 24 0 0 1-24 26H205a24 24 0 0 1-24-26z" {fill}/>'
    '<path d="M215 320h370l5 44H210z" fill="#0001"/>',
    "Candles & light": '<path d="M400 190c34 44 34 78 0 92-34-14-34-48 0-92z" fill="#eeb04e"/><path d="M400 226c14 22 14 38 0 46-14-8-14-24 0-46z" '
    'fill="#fff3c9"/><rect x="328" y="300" width="144" height="250" rx="10" {fill}/><rect x="328" y="300" width="144" height="30" rx="10" fill="#fff5"/>'
    '<ellipse cx="400" cy="570" rx="170" ry="34" fill="#8d7a63"/><ellipse cx="400" cy="560" rx="170" ry="30" fill="#b7a184"/>',
    "Children": '<circle cx="290" cy="250" r="58" {fill}/><circle cx="510" cy="250" r="58" {fill}/><circle cx="400" cy="330" r="140" {fill}/>'
    '<ellipse cx="400" cy="378" rx="62" ry="48" fill="#fff8"/><circle cx="350" cy="310" r="14" fill="#3b332d"/>'
    '<circle cx="450" cy="310" r="14" fill="#3b332d"/><circle cx="400" cy="362" r="16" fill="#3b332d"/>'
    '<path d="M290 450c20-16 200-16 220 0 40 60 50 130 40 190H250c-10-60 0-130 40-190z" {fill}/><ellipse cx="400" cy="560" rx="76" ry="70" fill="#fff6"/>',
    "Christmas": '<rect x="374" y="196" width="52" height="46" rx="8" fill="#c9a24e"/><circle cx="400" cy="186" r="20" fill="none" stroke="#c9a24e" stroke-width="8"/>'
    '<circle cx="400" cy="430" r="196" {fill}/><path d="M212 400c120 46 256 46 376 0l4 60c-124 46-260 46-384 0z" fill="#fff7"/>'
    '<ellipse cx="330" cy="330" rx="44" ry="28" fill="#fff6" transform="rotate(-35 330 330)"/>',
    "Garden": '<path d="M400 480c-8-120 10-190 0-260" fill="none" stroke="#5f7d52" stroke-width="16"/><path d="M400 330c-120 6-150-60-160-118 96-8 156 40 160 118z" '
    'fill="#7d9d6a"/><path d="M400 390c110 0 150-54 156-112-90-8-150 40-156 112z" fill="#8fae79"/><path d="M264 470h272l-36 180H300z" {fill}/>'
    '<rect x="246" y="440" width="308" height="52" rx="10" {fill}/><rect x="246" y="470" width="308" height="22" fill="#0001"/>',
    "Gifts": '<rect x="216" y="350" width="368" height="280" rx="10" {fill}/><rect x="190" y="284" width="420" height="84" rx="12" {fill}/>'
    '<rect x="366" y="284" width="68" height="346" fill="#fffa"/><path d="M400 284c-90-20-150-70-110-116 44-40 100 30 110 116zM400 284c90-20 150-70 110-116-44-40-100 30-110 116z" '
    'fill="none" stroke="#fffd" stroke-width="22"/><path d="M190 352h420v16H190z" fill="#0001"/>',
    "Home": '<path d="M400 214v-54" stroke="#8d7a63" stroke-width="10"/><path d="M400 640C210 500 196 410 204 344c14-110 150-130 196-40 46-90 182-70 196 40 '
    '8 66-6 156-196 296z" {fill}/><path d="M262 330c16-50 60-62 92-44" fill="none" stroke="#fff8" stroke-width="18" stroke-linecap="round"/>',
    "Jewellery": '<path d="M210 190c10 190 90 290 190 290s180-100 190-290" fill="none" stroke="#c9a24e" stroke-width="12" stroke-dasharray="2 18" stroke-linecap="round"/>'
    '<path d="M400 486l74 74-74 100-74-100z" {fill}/><path d="M400 486l30 74-30 100-30-100z" fill="#fff6"/><circle cx="400" cy="476" r="16" fill="#c9a24e"/>',
    "Kitchen & table": '<path d="M540 350h50a70 70 0 0 1 0 170h-60" fill="none" {stroke} stroke-width="34"/><path d="M230 290h324v230a110 110 0 0 1-110 110H340a110 110 0 0 1-110-110z" {fill}/>'
    '<ellipse cx="392" cy="292" rx="162" ry="36" fill="#fff9"/><ellipse cx="392" cy="298" rx="140" ry="26" fill="#7b5a41"/>'
    '<path d="M350 224c-22-30 22-44 0-78M410 224c-22-30 22-44 0-78" fill="none" stroke="#b9aa9b" stroke-width="10" stroke-linecap="round"/>',
    "Party": '<path d="M120 240c180 90 380 90 560 0" fill="none" stroke="#7d6c5c" stroke-width="8"/><path d="M150 256l120 46-78 130z" {fill}/>'
    '<path d="M282 305l118 10-66 150z" fill="#fffb"/><path d="M412 314l118-14-44 150z" {fill}/><path d="M542 298l112-48-28 144z" fill="#fffb"/>'
    '<circle cx="270" cy="560" r="16" {fill}/><circle cx="400" cy="610" r="12" fill="#c9a24e"/><circle cx="520" cy="550" r="18" {fill}/>',
    "Stationery": '<rect x="250" y="190" width="320" height="440" rx="18" {fill}/><rect x="250" y="190" width="56" height="440" rx="18" fill="#0002"/>'
    '<rect x="350" y="270" width="170" height="104" rx="8" fill="#fffc"/><path d="M372 308h126M372 338h84" stroke="#8d7a63" stroke-width="8" stroke-linecap="round"/>'
    '<path d="M600 250l34 10-74 320-30 46-4-54z" fill="#d8a94e"/><path d="M560 580l-30 46-4-54z" fill="#4a4038"/>',
}  # fmt: skip

DOTS = '<circle cx="26" cy="26" r="11" fill="#fff" fill-opacity=".8"/><circle cx="66" cy="66" r="11" fill="#fff" fill-opacity=".8"/>'
HEART = '<path d="M46 62C20 42 22 24 34 24c8 0 12 8 12 8s4-8 12-8c12 0 14 18-12 38z" fill="#fff" fill-opacity=".75"/>'
STAR = '<path d="M46 22l6 16h17l-14 10 5 17-14-10-14 10 5-17-14-10h17z" fill="#fff" fill-opacity=".75"/>'
STRIPES = '<path d="M0 0h23v92H0zM46 0h23v92H46z" fill="#fff" fill-opacity=".3"/>'
FLOWER = '<g fill="#fff" fill-opacity=".7"><circle cx="46" cy="32" r="10"/><circle cx="60" cy="44" r="10"/><circle cx="54" cy="60" r="10"/><circle cx="38" cy="60" r="10"/><circle cx="32" cy="44" r="10"/></g>'

PATTERNS = {
    "retrospot": DOTS,
    "polkadot": DOTS,
    "heart": HEART,
    "star": STAR,
    "rose": FLOWER,
    "daisy": FLOWER,
    "paisley": FLOWER,
    "strawberry": HEART,
    "union jack": STRIPES,
    "gingham": STRIPES,
    "vintage": STRIPES,
}


def draw(product: sqlite3.Row) -> str:
    """An SVG of 800 × 800."""
    number, tags = product["id"], json.loads(product["tags"])
    colour = next((COLOURS[tag] for tag in tags if tag in COLOURS), PLAIN[number % len(PLAIN)])
    ground = GROUNDS[number // 8 % len(GROUNDS)]
    pattern = next((PATTERNS[tag] for tag in tags if tag in PATTERNS), "")
    shape = SHAPES[product["kind"]].format(fill='fill="url(#stuff)"', stroke=f'stroke="{colour}"')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 800" width="800" height="800" role="img">'
        f"<title>{html.escape(product['title'])}</title>"
        f'<defs><pattern id="stuff" width="92" height="92" patternUnits="userSpaceOnUse">'
        f'<rect width="92" height="92" fill="{colour}"/>{pattern}</pattern></defs>'
        f'<rect width="800" height="800" fill="{ground}"/>'
        f'<ellipse cx="400" cy="664" rx="230" ry="24" fill="#000" fill-opacity=".07"/>'
        f'<g transform="rotate({number % 7 - 3} 400 400)">{shape}</g></svg>'
    )
