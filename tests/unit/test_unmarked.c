/* What text plainly is that has no mark: UTF-16 or UTF-32 in any script, and nothing else. */
#include "input/unmarked.h"

#include "support.h"

#include <iconv.h>

static enum mr_unmarked find(const char *head, size_t size)
{
    return mr_unmarked_find((const unsigned char *)head, size);
}

Test(unmarked, NULs_where_Latin_letters_have_them)
{
    static const struct {
        size_t size;
        const char *head;
        enum mr_unmarked unmarked;
    } cases[] = {
        { 8, "a\0b\0c\0d\0", MR_UNMARKED_16_LITTLE },
        { 9, "a\0b\0c\0d\0e", MR_UNMARKED_16_LITTLE },
        { 16, "\x1c\x20H\0i\0 \0a\0b\0c\0d\0", MR_UNMARKED_16_LITTLE },
        { 8, "\0a\0b\0c\0d", MR_UNMARKED_16_BIG },
        { 8, "a\0\0\0b\0\0\0", MR_UNMARKED_32_LITTLE },
        { 11, "\0\0\0a\0\0\0b\0\0\0", MR_UNMARKED_32_BIG },
        { 10, "a\0b\0c\0d\0xy", MR_UNMARKED_NONE },
        { 6, "a\0b\0c\0", MR_UNMARKED_NONE },
        { 8, "a\0b\0c\0dx", MR_UNMARKED_NONE },
        { 8, "a\0b\0c\0\0\0", MR_UNMARKED_NONE },
        { 8, "\0\0\0\0\0\0\0\0", MR_UNMARKED_NONE },
        { 8, "a\0b\0\0c\0d", MR_UNMARKED_NONE },
        { 8, "abcdefgh", MR_UNMARKED_NONE },
        { 12, "\xFFtOc\0\0\0\x20\0\0\0\x30", MR_UNMARKED_NONE }, /* numbers: an index of git */
        { 10, "\1\0\2\0\3\0\4\0\5\0", MR_UNMARKED_NONE },
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_for(find(cases[i].head, cases[i].size) == cases[i].unmarked, "case %zu", i);
}

/* Texts in UTF-8. */
static const char *const texts[] = {
    "В начале сотворил Бог небо и землю.\r\nЗемля же была безвидна и пуста, «и тьма» — 1, 2.\n",
    "Ἐν ἀρχῇ ἐποίησεν ὁ Θεὸς τὸν οὐρανὸν καὶ τὴν γῆν.\nἡ δὲ γῆ ἦν ἀόρατος καὶ ἀκατασκεύαστος\n",
    "Στην αρχή ο Θεός έπλασε τον ουρανό και τη γη.\n",
    "בראשית ברא אלהים את השמים ואת הארץ\n",
    "في البدء خلق الله السماوات والأرض.\n",
    "आदि में परमेश्‍वर ने आकाश और पृथ्वी की सृष्टि की।\n",
    "ในปฐมกาล พระเจ้าทรงเนรมิตฟ้าสวรรค์และแผ่นดินโลก\n",
    "起初，神创造天地。地是空虚混沌，渊面黑暗；神的灵运行在水面上。\n神说：“要有光”，就有了光。",
    "はじめに神は天と地とを創造された。地は形なく、むなしく、やみが淵のおもてにあり\n",
    "태초에 하나님이 천지를 창조하시니라 땅이 혼돈하고 공허하며\n",
    "错误 E1053: 无法导入 \"%s\"\n错误 E1054: 变量 %d 已在 script 中声明：%s\n",
    "Ban đầu Đức Chúa Trời dựng nên trời đất.\n",
    "𐌰𐌽𐌰𐍃𐍄𐍉𐌳𐌴𐌹𐌽𐍃 𐌰𐌹𐍅𐌰𐌲𐌲𐌴𐌻𐌾𐍉𐌽𐍃\n",
};
enum { TEXTS = sizeof texts / sizeof *texts };

/* Writes the text in an encoding to `to`, as much of it as can be. Returns the bytes. */
static size_t encode(const char *text, const char *encoding, char *to, size_t room)
{
    iconv_t iconv_to = iconv_open(encoding, "UTF-8");
    char *in = (char *)(uintptr_t)text, *out = to;
    size_t left = strlen(text), out_left = room;
    check(iconv_to != (iconv_t)-1); /* NOLINT(performance-no-int-to-ptr) */
    (void)iconv(iconv_to, &in, &left, &out, &out_left);
    iconv_close(iconv_to);
    return room - out_left;
}

Test(unmarked, characters_of_one_script_and_gaps_between_them)
{
    char bytes[2000];
    for (size_t i = 0; i < TEXTS; i++)
        for (enum mr_unmarked u = MR_UNMARKED_NONE + 1; u < MR_UNMARKED_FORMS; u++) {
            size_t size = encode(texts[i], mr_unmarked_encoding(u), bytes, sizeof bytes);
            for (size_t less = 0; less < 4; less++)
                check_for(find(bytes, size - less) == u, "text %zu in %s, %zu bytes fewer", i,
                          mr_unmarked_encoding(u), less);
        }
}

Test(unmarked, text_in_other_encodings_is_none_of_it)
{
    static const char *const encodings[] = { "UTF-8", "KOI8-R", "CP1251", "ISO-8859-7", "CP1255",
                                             "GB18030", "BIG5", "SHIFT_JIS", "EUC-JP", "EUC-KR" };
    char bytes[2000];
    for (size_t i = 0; i < TEXTS; i++)
        for (size_t e = 0; e < sizeof encodings / sizeof *encodings; e++) {
            size_t size = encode(texts[i], encodings[e], bytes, sizeof bytes);
            check_for(find(bytes, size) == MR_UNMARKED_NONE, "text %zu in %s", i, encodings[e]);
            for (size_t at = 0; at < size; at++) /* words that end with NUL */
                bytes[at] = bytes[at] == ' ' ? '\0' : bytes[at];
            check_for(find(bytes, size) == MR_UNMARKED_NONE, "words %zu in %s", i, encodings[e]);
        }
}

Test(unmarked, what_is_no_text_is_none_of_it)
{
    static const char delimited[] = "x,y\tx\\zA\0b\7c\bd\fe\vf\xffg\nx\r\0x,y\tx\\zA\0b\7c\bd\fe\r";
    static const char names[] = "./a0\0./b00 \0./c000\0\0./d\0./file 01.txt\0./0\0./r\xE9sum\xE9\0";
    static const uint16_t numbers[] = { 1040, 1050, 1061, 1070, 1068, 1055, 1059, 1090, 1101,
                                        1040, 1050, 1061, 1070, 1068, 1055, 1059, 1090, 1101 };
    char bytes[512];
    for (size_t from = 0; from < sizeof names; from++)
        check_for(find(names + from, sizeof names - from) == MR_UNMARKED_NONE, "from %zu", from);
    check(find(delimited, sizeof delimited - 1) == MR_UNMARKED_NONE);
    check(find((const char *)numbers, sizeof numbers) == MR_UNMARKED_NONE); /* no gaps */
    for (int round = 0; round < 2000; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (char)draw_below(round % 2 ? 256 : 64);
        check_for(find(bytes, 64 + draw_below(sizeof bytes - 64)) == MR_UNMARKED_NONE, "round %d",
                  round);
    }
}
