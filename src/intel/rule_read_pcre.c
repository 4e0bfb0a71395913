/* rule_read_pcre.c - the regular expressions of rules
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/rule_draft.h"

#include <string.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Flags of HTTP buffers and of captures are not here: they would change what is matched. */
static const struct {
    char letter;
    uint32_t option;
} flags[] = {
    {'i', PCRE2_CASELESS},
    {'s', PCRE2_DOTALL},
    {'m', PCRE2_MULTILINE},
    {'x', PCRE2_EXTENDED},
    {'A', PCRE2_ANCHORED},
    {'E', PCRE2_DOLLAR_ENDONLY},
    {'G', PCRE2_UNGREEDY},
    {'B', 0}, /* raw bytes: they always are */
    {'O', 0}, /* match limits of the configuration: ours are fixed */
};

/* Sets the options of the letters behind the last slash; R goes to *relative. */
static bool flags_read(struct slice letters, uint32_t *options, bool *relative)
{
    for (size_t i = 0; i < letters.len; i++) {
        size_t row = 0;
        if (letters.at[i] == 'R') {
            *relative = true;
            continue;
        }
        while (row < sizeof(flags) / sizeof(*flags) && flags[row].letter != letters.at[i])
            row++;
        if (row == sizeof(flags) / sizeof(*flags))
            return false;
        *options |= flags[row].option;
    }
    return true;
}

/* Cuts `/expression/letters` in two. */
static bool pcre_cut(struct slice text, struct slice *expression, struct slice *letters)
{
    const char *slash = text.len > 1 ? memrchr(text.at, '/', text.len) : NULL;
    if (!slash || slash == text.at || text.at[0] != '/')
        return false;
    *expression = (struct slice){text.at + 1, (size_t)(slash - text.at) - 1};
    *letters = (struct slice){slash + 1, text.len - expression->len - 2};
    return true;
}

static pcre2_code *compile(struct slice expression, uint32_t options)
{
    int code;
    PCRE2_SIZE at;
    return pcre2_compile((PCRE2_SPTR)expression.at, expression.len,
                         options | PCRE2_NEVER_UTF | PCRE2_NEVER_BACKSLASH_C, &code, &at, NULL);
}

RULE_KEYWORD_FUNCTION(pcre)
{
    struct slice expression, letters;
    uint32_t options = 0;
    bool negated;
    bool relative = false;
    enum rule_refusal refusal = rule_quotes_cut(&value, &negated);
    if (refusal != RULE_REFUSAL_NONE)
        return refusal;
    if (!pcre_cut(value, &expression, &letters))
        return RULE_REFUSAL_PCRE;
    if (!flags_read(letters, &options, &relative))
        return RULE_REFUSAL_PCRE_FLAG;
    const char *text = rule_text_keep(&reader->draft, value);
    struct rule_check *check = text ? rule_check_add(&reader->draft, RULE_PCRE) : NULL;
    if (!check)
        return RULE_REFUSAL_MUCH;
    check->negated = negated;
    check->relative = relative;
    check->pcre = (struct rule_pcre){
        .code = compile(expression, options),
        .text = text,
        .anchored = options & PCRE2_ANCHORED,
    };
    return check->pcre.code ? RULE_REFUSAL_NONE : RULE_REFUSAL_PCRE;
}
