/* skeleton.c - a label as the eye reads it: in plain letters, whatever it was spelled with
 * SPDX-License-Identifier: Apache-2.0 */
#include "enrich/skeleton.h"

#include <idn2.h>
#include <string.h>

/* In the order of their code points. */
static const struct confusable {
    uint32_t code;
    char text[3];
} confusables[] = {
#include "enrich/confusables.inc"
};

/* Blocks of scripts with letters of Latin shape. In the order of their code points. */
static const struct {
    uint32_t first, last;
    bool latin;
} alphabets[] = {
    {'a', 'z', true},        {0x00df, 0x024f, true},  {0x0370, 0x03ff, false}, /* Greek */
    {0x0400, 0x052f, false},                                                   /* Cyrillic */
    {0x0530, 0x058f, false},                                                   /* Armenian */
    {0x10a0, 0x10ff, false},                                                   /* Georgian */
    {0x13a0, 0x13ff, false},                                                   /* Cherokee */
    {0x1e00, 0x1eff, true},  {0x1f00, 0x1fff, false},                          /* Greek */
    {0x2c60, 0x2c7f, true},  {0x2c80, 0x2cff, false},                          /* Coptic */
    {0xa4d0, 0xa4ff, false},                                                   /* Lisu */
    {0xa640, 0xa69f, false},                                                   /* Cyrillic */
    {0xa720, 0xa7ff, true},  {0xab70, 0xabbf, false},                          /* Cherokee */
};

static const char *confusable_find(uint32_t code)
{
    size_t low = 0, high = sizeof(confusables) / sizeof(*confusables);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (confusables[middle].code == code)
            return confusables[middle].text;
        if (confusables[middle].code < code)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* 1 for Latin, 2 for another alphabet, 0 for what mixes with all. */
static unsigned alphabet_of(uint32_t code)
{
    for (size_t i = 0; i < sizeof(alphabets) / sizeof(*alphabets); i++)
        if (code >= alphabets[i].first && code <= alphabets[i].last)
            return alphabets[i].latin ? 1 : 2;
    return 0;
}

static void plain_add(struct skeleton *ret, const char *text)
{
    for (; *text && ret->plain_len < SKELETON_MAX; text++)
        ret->plain[ret->plain_len++] = *text;
}

/* A letter that looks like none of ASCII becomes '?', so that nothing matches across it. */
static void code_add(struct skeleton *ret, uint32_t code)
{
    char ascii[2] = {(char)code, 0};
    const char *text = code < 0x80 ? ascii : confusable_find(code);
    ret->foreign |= code >= 0x80;
    plain_add(ret, text ? text : "?");
}

bool skeleton_is_alabel(const uint8_t *label, size_t len)
{
    return len > 4 && memcmp(label, "xn--", 4) == 0;
}

static bool alabel_read(const uint8_t *label, size_t len, struct skeleton *ret)
{
    char text[SKELETON_MAX + 1];
    uint32_t *codes;
    memcpy(text, label, len);
    text[len] = 0;
    if (idn2_to_unicode_8z4z(text, &codes, IDN2_NO_TR46) != IDN2_OK)
        return false;
    unsigned alphabets_seen = 0;
    for (const uint32_t *code = codes; *code; code++) {
        alphabets_seen |= alphabet_of(*code);
        code_add(ret, *code);
    }
    ret->mixed = alphabets_seen == 3;
    idn2_free(codes);
    return true;
}

/* What a pair of letters looks like, or 0. */
static char pair_look(char a, char b)
{
    if (a == 'r' && b == 'n')
        return 'm';
    return a == 'v' && b == 'v' ? 'w' : 0;
}

#define LETTER(c) ((c) - 'a' + LOOK_LETTER)

const uint8_t skeleton_looks[256] = {
    /* all others LOOK_OTHER, which is 0 */
    ['a'] = LETTER('a'), ['b'] = LETTER('b'), ['c'] = LETTER('c'), ['d'] = LETTER('d'),
    ['e'] = LETTER('e'), ['f'] = LETTER('f'), ['g'] = LETTER('g'), ['h'] = LETTER('h'),
    ['i'] = LETTER('l'), ['j'] = LETTER('j'), ['k'] = LETTER('k'), ['l'] = LETTER('l'),
    ['m'] = LETTER('m'), ['n'] = LETTER('n'), ['o'] = LETTER('o'), ['p'] = LETTER('p'),
    ['q'] = LETTER('q'), ['r'] = LETTER('r'), ['s'] = LETTER('s'), ['t'] = LETTER('t'),
    ['u'] = LETTER('u'), ['v'] = LETTER('v'), ['w'] = LETTER('w'), ['x'] = LETTER('x'),
    ['y'] = LETTER('y'), ['z'] = LETTER('z'), ['0'] = LETTER('o'), ['1'] = LETTER('l'),
    ['2'] = 27,          ['3'] = LETTER('e'), ['4'] = LETTER('a'), ['5'] = LETTER('s'),
    ['6'] = 28,          ['7'] = LETTER('t'), ['8'] = LETTER('b'), ['9'] = 29,
    ['-'] = 30,
};

static char letter_look(char c)
{
    unsigned look = skeleton_looks[(unsigned char)c];
    return look != LOOK_OTHER && look <= LETTER('z') ? (char)('a' + look - LOOK_LETTER) : c;
}

size_t skeleton_fold(const char *text, size_t len, char *folded, uint8_t *from)
{
    size_t used = 0;
    for (size_t at = 0; at < len; at++) {
        char pair = at + 1 < len ? pair_look(text[at], text[at + 1]) : 0;
        if (from)
            from[used] = (uint8_t)at;
        folded[used++] = pair ? pair : letter_look(text[at]);
        at += pair != 0;
    }
    if (from)
        from[used] = (uint8_t)len;
    folded[used] = 0;
    return used;
}

void skeleton_read(const uint8_t *label, size_t len, struct skeleton *ret)
{
    ret->plain_len = 0;
    ret->foreign = ret->mixed = false;
    if (!skeleton_is_alabel(label, len) || !alabel_read(label, len, ret)) {
        memcpy(ret->plain, label, len);
        ret->plain_len = (uint8_t)len;
    }
    ret->plain[ret->plain_len] = 0;
    ret->folded_len = (uint8_t)skeleton_fold(ret->plain, ret->plain_len, ret->folded, ret->from);
}
