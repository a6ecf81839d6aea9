/* Vectors of 16 bytes as GCC has them for any processor (Vector Extensions in its manual). What
 * makes text slow is that characters take different numbers of bytes: here each takes four, or
 * two, and a shuffle takes out those that are none, by a table. */
#include "utf8_blocks.h"
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define BLOCKS __attribute__((target("ssse3")))
#else
#define BLOCKS
#endif
#define INLINE BLOCKS static inline __attribute__((always_inline))

typedef uint8_t v16 __attribute__((vector_size(16)));
typedef uint16_t v8 __attribute__((vector_size(16)));
typedef int32_t v4 __attribute__((vector_size(16))); /* signed: quicker to compare */
typedef uint64_t v2 __attribute__((vector_size(16)));

enum { BLOCK = 16, DROP = 0x80, LINE = 64 /* of a cache */ };

/* Shuffles by which of eight characters take two bytes, and by the lengths of four: how many bytes
 * each takes past one, the low bits of these numbers below the high ones. And how many bytes are
 * left. */
static uint8_t of_two[256][BLOCK], of_four[256][BLOCK], length_of_two[256], length_of_four[256];

static void make_tables(void) {
    for (int mask = 0; mask < 256; mask++) {
        int n = 0;
        memset(of_two[mask], DROP, BLOCK);
        memset(of_four[mask], DROP, BLOCK);
        for (int i = 0; i < 8; i++) {
            of_two[mask][n++] = 2 * i;
            if (mask >> i & 1)
                of_two[mask][n++] = 2 * i + 1;
        }
        length_of_two[mask] = n;
        n = 0;
        for (int i = 0; i < 4; i++)
            for (int j = 0; j <= (mask >> i & 1) + 2 * (mask >> (i + 4) & 1); j++)
                of_four[mask][n++] = 4 * i + j;
        length_of_four[mask] = n;
    }
}

static int has_wide;

int utf8_blocks_usable(void) {
    static int usable = -1;
    if (usable < 0) {
#if defined(__x86_64__)
        has_wide = __builtin_cpu_supports("avx2") != 0;
        usable = __builtin_cpu_supports("ssse3") != 0;
#else
        usable = 1;
#endif
        make_tables();
    }
    return usable;
}

INLINE v16 load(const void *p) {
    v16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

INLINE void store(void *p, v16 v) { memcpy(p, &v, sizeof v); }

/* Bytes of v by their places; what DROP is for is of no account. */
INLINE v16 shuffle(v16 v, v16 places) {
#if defined(__x86_64__)
    return (v16)__builtin_ia32_pshufb128((__attribute__((vector_size(16))) char)v,
                                         (__attribute__((vector_size(16))) char)places);
#else
    return __builtin_shuffle(v, places & 15);
#endif
}

INLINE int none(v16 v) {
    v2 w = (v2)v;
    return (w[0] | w[1]) == 0;
}

INLINE int all(v16 mask) {
    v2 w = (v2)mask;
    return (w[0] & w[1]) == ~(uint64_t)0;
}

/* A bit for each of eight numbers that are all ones. */
INLINE unsigned mask_of(v8 ones) {
#if defined(__x86_64__)
    typedef short s8 __attribute__((vector_size(16)));
    return __builtin_ia32_pmovmskb128(__builtin_ia32_packsswb128((s8)ones, (s8)ones)) & 0xff;
#else
    v2 bits = (v2)(ones & (v8){1, 2, 4, 8, 16, 32, 64, 128});
    uint64_t sum = bits[0] | bits[1];
    sum |= sum >> 32;
    return (unsigned)(sum | sum >> 16) & 0xff;
#endif
}

/* The index of of_four for numbers from 0 to 3. */
INLINE unsigned mask_of_lengths(v4 more) {
#if defined(__x86_64__)
    typedef float f4 __attribute__((vector_size(16)));
    return __builtin_ia32_movmskps((f4)(more << 31)) | __builtin_ia32_movmskps((f4)(more << 30)) << 4;
#else
    v4 bits = (more & 1) << (v4){0, 1, 2, 3} | (more >> 1) << (v4){4, 5, 6, 7};
    v2 pairs = (v2)bits;
    uint64_t both = pairs[0] | pairs[1];
    return (unsigned)(both | both >> 32) & 0xff;
#endif
}

/* Characters of a vector of any kind as UTF-8, the first byte lowest. */
#define TWOS(c) (0x80c0 | (c) >> 6 | ((c) & 0x3f) << 8)
#define THREES(c) (0x8080e0 | (c) >> 12 | ((c) & 0xfc0) << 2 | ((c) & 0x3f) << 16)
#define FOURS(c) (0x808080f0 | (c) >> 18 | ((c) >> 12 & 0x3f) << 8 | ((c) >> 6 & 0x3f) << 16 | ((c) & 0x3f) << 24)

/* Four characters. Text is mostly of one length, or of ASCII and one other. */
INLINE size_t put_four(v4 c, unsigned char *dst) {
    v4 past_one = c > 0x7f, past_two = c > 0x7ff, past_three = c > 0xffff, f, more;
    if (none((v16)(past_one & ~past_three))) {
        f = (c & ~past_one) | (FOURS(c) & past_one);
        more = past_one & 3;
    } else if (none((v16)((past_one & ~past_two) | past_three))) {
        f = (c & ~past_one) | (THREES(c) & past_one);
        more = past_one & 2;
    } else {
        f = (c & ~past_one) | (TWOS(c) & past_one & ~past_two) | (THREES(c) & past_two & ~past_three) | (FOURS(c) & past_three);
        more = (v4){0, 0, 0, 0} - past_one - past_two - past_three;
    }
    unsigned mask = mask_of_lengths(more);
    store(dst, shuffle((v16)f, load(of_four[mask])));
    return length_of_four[mask];
}

/* Eight characters below 0x800. */
INLINE size_t put_eight(v8 c, unsigned char *dst) {
    v8 past_one = (v8)(c >= 0x80);
    v8 f = (c & ~past_one) | (TWOS(c) & past_one);
    unsigned mask = mask_of(past_one);
    store(dst, shuffle((v16)f, load(of_two[mask])));
    return length_of_two[mask];
}

/* Eight characters of three bytes each: 28 bytes are written. */
INLINE size_t put_threes(v8 c, unsigned char *dst) {
    static const v16 places = {0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, DROP, DROP, DROP, DROP};
    v8 first = 0x80e0 | c >> 12 | (c & 0xfc0) << 2, last = 0x80 | (c & 0x3f);
    v8 low = __builtin_shuffle(first, last, (v8){0, 8, 1, 9, 2, 10, 3, 11});
    v8 high = __builtin_shuffle(first, last, (v8){4, 12, 5, 13, 6, 14, 7, 15});
    store(dst, shuffle((v16)low, places));
    store(dst + 12, shuffle((v16)high, places));
    return 24;
}

BLOCKS static size_t put_1(const unsigned char *p, size_t n, unsigned char *dst, size_t size, size_t *at) {
    size_t i = 0, k = 0;
    while (i + BLOCK <= n && k + 2 * BLOCK <= size) {
        v16 c = load(p + i);
        if (none(c & 0x80)) {
            store(dst + k, c);
            k += BLOCK;
        } else {
            v16 zero = {0};
            k += put_eight((v8)__builtin_shuffle(c, zero, (v16){0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23}), dst + k);
            k += put_eight((v8)__builtin_shuffle(c, zero, (v16){8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31}), dst + k);
        }
        i += BLOCK;
    }
    *at = k;
    return i;
}

BLOCKS static size_t put_2(const unsigned char *p, size_t n, unsigned char *dst, size_t size, size_t *at) {
    size_t i = 0, k = 0;
    while (i + 8 <= n && k + 2 * BLOCK <= size) {
        v8 c = (v8)load(p + 2 * i), past_two = (v8)(c >= 0x800);
        if (none((v16)past_two)) {
            k += put_eight(c, dst + k);
        } else if (all((v16)past_two)) {
            k += put_threes(c, dst + k);
        } else {
            v8 zero = {0};
            k += put_four((v4)__builtin_shuffle(c, zero, (v8){0, 8, 1, 9, 2, 10, 3, 11}), dst + k);
            k += put_four((v4)__builtin_shuffle(c, zero, (v8){4, 12, 5, 13, 6, 14, 7, 15}), dst + k);
        }
        i += 8;
    }
    *at = k;
    return i;
}

BLOCKS static size_t put_4(const unsigned char *p, size_t n, unsigned char *dst, size_t size, size_t *at) {
    size_t i = 0, k = 0;
    for (; i + 4 <= n && k + BLOCK <= size; i += 4)
        k += put_four((v4)load(p + 4 * i), dst + k);
    *at = k;
    return i;
}

#if defined(__x86_64__)
/* The same by eight characters. */
#define WIDE __attribute__((target("avx2")))

typedef int32_t w8 __attribute__((vector_size(32)));

WIDE static inline __attribute__((always_inline)) unsigned wide_mask(w8 v) {
    return (unsigned)_mm256_movemask_ps((__m256)v);
}

WIDE static size_t put_4_wide(const unsigned char *p, size_t n, unsigned char *dst, size_t size, size_t *at) {
    size_t i = 0, k = 0;
    for (; i + 8 <= n && k + 32 <= size; i += 8) {
        w8 c, f, past_one, past_two, past_three;
        memcpy(&c, p + 4 * i, sizeof c);
        past_one = c > 0x7f, past_two = c > 0x7ff, past_three = c > 0xffff;
        unsigned one = wide_mask(past_one), two = wide_mask(past_two), three = wide_mask(past_three);
        if (one == 0) {
            static const v16 firsts = {0, 4, 8, 12, DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP, DROP};
            v16 low = shuffle((v16)_mm256_castsi256_si128((__m256i)c), firsts);
            v16 high = shuffle((v16)_mm256_extracti128_si256((__m256i)c, 1), firsts);
            store(dst + k, (v16)_mm_unpacklo_epi32((__m128i)low, (__m128i)high));
            k += 8;
            continue;
        }
        f = (c & ~past_one) | (TWOS(c) & past_one & ~past_two) | (THREES(c) & past_two & ~past_three) |
            (FOURS(c) & past_three);
        unsigned odd = one ^ two ^ three, low = (odd & 15) | (two & 15) << 4, high = odd >> 4 | (two & 0xf0);
        __m256i places = _mm256_inserti128_si256(_mm256_castsi128_si256((__m128i)load(of_four[low])),
                                                 (__m128i)load(of_four[high]), 1);
        __m256i bytes = _mm256_shuffle_epi8((__m256i)f, places);
        store(dst + k, (v16)_mm256_castsi256_si128(bytes));
        k += length_of_four[low];
        store(dst + k, (v16)_mm256_extracti128_si256(bytes, 1));
        k += length_of_four[high];
    }
    *at = k;
    return i;
}
#endif

size_t utf8_blocks_put(int kind, const unsigned char *p, size_t n, unsigned char *dst, size_t size, size_t *at) {
    /* The processor's own prefetching takes the length of such a text to begin. */
    for (size_t ahead = LINE; ahead < kind * n && ahead < 16 * LINE; ahead += LINE)
        __builtin_prefetch(p + ahead);
    switch (kind) {
    case 1:
        return put_1(p, n, dst, size, at);
    case 2:
        return put_2(p, n, dst, size, at);
    }
#if defined(__x86_64__)
    if (has_wide)
        return put_4_wide(p, n, dst, size, at);
#endif
    return put_4(p, n, dst, size, at);
}

/* Sums in a vector of small numbers are added up before they can overflow. */

BLOCKS static size_t size_1(const unsigned char *p, size_t n) {
    size_t total = n, i = 0;
    while (i + BLOCK <= n) {
        v16 sum = {0};
        for (int j = 0; j < 255 && i + BLOCK <= n; j++, i += BLOCK)
            sum += load(p + i) >> 7;
        for (int j = 0; j < BLOCK; j++)
            total += sum[j];
    }
    for (; i < n; i++)
        total += p[i] >> 7;
    return total;
}

BLOCKS static size_t size_2(const unsigned char *p, size_t n) {
    size_t total = n, i = 0;
    while (i + 8 <= n) {
        v8 sum = {0};
        for (int j = 0; j < 30000 && i + 8 <= n; j++, i += 8) {
            v8 c = (v8)load(p + 2 * i);
            sum -= (v8)(c >= 0x80) + (v8)(c >= 0x800);
        }
        for (int j = 0; j < 8; j++)
            total += sum[j];
    }
    for (; i < n; i++) {
        uint16_t c;
        memcpy(&c, p + 2 * i, 2);
        total += (c >= 0x80) + (c >= 0x800);
    }
    return total;
}

BLOCKS static size_t size_4(const unsigned char *p, size_t n) {
    size_t total = n, i = 0;
    while (i + 4 <= n) {
        v4 sum = {0};
        for (int j = 0; j < 1 << 28 && i + 4 <= n; j++, i += 4) {
            v4 c = (v4)load(p + 4 * i);
            sum -= (c > 0x7f) + (c > 0x7ff) + (c > 0xffff);
        }
        for (int j = 0; j < 4; j++)
            total += sum[j];
    }
    for (; i < n; i++) {
        uint32_t c;
        memcpy(&c, p + 4 * i, 4);
        total += (c >= 0x80) + (c >= 0x800) + (c >= 0x10000);
    }
    return total;
}

size_t utf8_blocks_size(int kind, const unsigned char *p, size_t n) {
    switch (kind) {
    case 1:
        return size_1(p, n);
    case 2:
        return size_2(p, n);
    }
    return size_4(p, n);
}
