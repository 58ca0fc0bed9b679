/* The least that OpenSSL lets one encrypted push cost on this machine: a fresh P-256 key pair, the receiver's point, one
 * ECDH, the five HMACs of HKDF, AES-128-GCM over 300 bytes. No TLS, no Python. Prints CPU microseconds per message.
 *
 * cc -O2 push_floor.c -lcrypto -o push_floor && ./push_floor 5000 */
#define OPENSSL_SUPPRESS_DEPRECATED /* the EC_KEY functions are old and still the leanest */
#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RECEIVERS = 256, PLAIN = 300 };

static const EC_GROUP *curve;

static void hmac(const unsigned char *key, int key_size, const void *text, size_t size, unsigned char *out) {
    HMAC(EVP_sha256(), key, key_size, text, size, out, NULL);
}

static void point_of(const EC_KEY *key, unsigned char *out) {
    EC_POINT_point2oct(curve, EC_KEY_get0_public_key(key), POINT_CONVERSION_UNCOMPRESSED, out, 65, NULL);
}

static void encrypt(EVP_CIPHER_CTX *aes, EC_KEY *mine, EC_POINT *theirs, const unsigned char *p256dh,
                    const unsigned char *auth, const unsigned char *plain, unsigned char *out) {
    unsigned char shared[32], secret[32], material[32], key[32], nonce[32], salt[16], info[14 + 65 + 65 + 1];
    int size;
    EC_KEY_generate_key(mine);
    EC_POINT_oct2point(curve, theirs, p256dh, 65, NULL);
    ECDH_compute_key(shared, 32, theirs, mine, NULL);
    RAND_bytes(salt, 16);
    memcpy(info, "WebPush: info", 14);
    memcpy(info + 14, p256dh, 65);
    point_of(mine, info + 79);
    info[144] = 1;
    hmac(auth, 16, shared, 32, secret);
    hmac(secret, 32, info, sizeof info, material);
    hmac(salt, 16, material, 32, secret);
    hmac(secret, 32, "Content-Encoding: aes128gcm\0\1", 29, key);
    hmac(secret, 32, "Content-Encoding: nonce\0\1", 25, nonce);
    EVP_EncryptInit_ex(aes, NULL, NULL, key, nonce);
    EVP_EncryptUpdate(aes, out, &size, plain, PLAIN + 1);
    EVP_EncryptFinal_ex(aes, out + size, &size);
    EVP_CIPHER_CTX_ctrl(aes, EVP_CTRL_GCM_GET_TAG, 16, out + PLAIN + 1);
}

int main(int count, char **words) {
    static unsigned char p256dh[RECEIVERS][65], auth[RECEIVERS][16], plain[PLAIN + 1], out[PLAIN + 64];
    int messages = count > 1 ? atoi(words[1]) : 5000;
    curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    EC_KEY *mine = EC_KEY_new();
    EC_KEY_set_group(mine, curve);
    EC_POINT *theirs = EC_POINT_new(curve);
    EVP_CIPHER_CTX *aes = EVP_CIPHER_CTX_new();
    EVP_EncryptInit_ex(aes, EVP_aes_128_gcm(), NULL, NULL, NULL);
    for (int i = 0; i < RECEIVERS; i++) {
        EC_KEY_generate_key(mine);
        point_of(mine, p256dh[i]);
        RAND_bytes(auth[i], 16);
    }
    plain[PLAIN] = 2;
    clock_t began = clock();
    for (int i = 0; i < messages; i++)
        encrypt(aes, mine, theirs, p256dh[i % RECEIVERS], auth[i % RECEIVERS], plain, out);
    printf("%.2f\n", (double)(clock() - began) / CLOCKS_PER_SEC * 1e6 / messages);
    return 0;
}
