/*
 * Writes text to measure with: the same bytes for the same arguments, on any machine.
 *
 *   generate KIND MEGABYTES [SEED]
 *
 * Words are drawn by Zipf's law and spelled from their rank in syllables, the digits of a number
 * system of base 100, so that frequent words are short, as in any language:
 *
 *   rank 0: ba    rank 99: zu    rank 100: baba    rank 101: babe    rank 10099: zuzu
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

/* splitmix64: any seed will do, and it needs no warming up. */
static uint64_t draw(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static unsigned below(unsigned limit)
{
    return (unsigned)((draw() >> 32) * limit >> 32);
}

static const char *pick(const char *const *list, unsigned count)
{
    return list[below(count)];
}

#define PICK(list) pick(list, sizeof(list) / sizeof(list[0]))

/* A rank below limit, rank r about as often as 1 / (r + 1): the inverse of the logarithm. */
static unsigned zipf(unsigned limit)
{
    double uniform = (double)(draw() >> 11) * 0x1p-53;
    return (unsigned)exp(uniform * log(limit + 1.0)) - 1;
}

/* The word of a rank, in static memory. */
static const char *spell(unsigned rank)
{
    static const char consonants[] = "bcdfghjklmnprstvwxyz", vowels[] = "aeiou";
    static char room[16];
    char *at = room + sizeof(room) - 1;

    for (rank++; rank > 0; rank = (rank - 1) / 100) {
        unsigned syllable = (rank - 1) % 100;
        *--at = vowels[syllable % 5];
        *--at = consonants[syllable / 5];
    }
    return at;
}

static int line_of_words(unsigned distinct)
{
    int written = 0;
    for (int left = 12; left > 0; left--)
        written += printf("%s%c", spell(zipf(distinct)), left > 1 ? ' ' : '\n');
    return written;
}

/* For where Debian's text is not to be had: as many distinct words as it has. */
static int prose(void)
{
    return line_of_words(60000);
}

/* A few words make up most of the text, and millions stand once or twice: what a table that is
   smaller than the vocabulary has to cope with. */
static int skewed(void)
{
    return line_of_words(100000000);
}

/* Paths that are alike for most of their length, hardly one of them twice. */
static int keys(void)
{
    static const char *const parts[] = {"archive", "mirror", "projects", "releases", "snapshots"};
    return printf("https://files.example.org/public/%s/20%02u/%02u/build-%02u/%012llx.tar\n",
                  PICK(parts), below(25), 1 + below(12), below(100),
                  (unsigned long long)(draw() >> 16));
}

/* Apache's combined format: some visitors and pages come often, and time goes on. */
static int access_log(void)
{
    static const char *const verbs[] = {"GET", "GET", "GET", "GET", "GET", "POST", "HEAD"};
    static const char *const statuses[] = {"200", "200", "200", "200", "301", "304", "404", "500"};
    static const char *const agents[] = {
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "curl/7.88.1", "Googlebot/2.1 (+http://www.google.com/bot.html)"};
    static unsigned second;
    unsigned visitor = zipf(1000000) * 2654435761u;

    second += below(4) == 0;
    return printf("%u.%u.%u.%u - - [%02u/Mar/2024:%02u:%02u:%02u +0000] \"%s /%s/%s HTTP/1.1\" "
                  "%s %u \"-\" \"%s\"\n",
                  visitor >> 24, visitor >> 16 & 255, visitor >> 8 & 255, visitor & 255,
                  1 + second / 86400 % 31, second / 3600 % 24, second / 60 % 60, second % 60,
                  PICK(verbs), spell(zipf(300)), spell(zipf(50000)), PICK(statuses), zipf(200000),
                  PICK(agents));
}

/* Sales: fields from very few values to nearly all distinct, with blanks in them, some empty. */
static int csv(void)
{
    static const char *const towns[] = {"Bree",    "Minas Tirith", "Lake Town", "Edoras",
                                        "Hobbiton", "Dale",         "Osgiliath", ""};
    static const char *const states[] = {"paid", "paid", "paid", "open", "returned", ""};
    static unsigned order = 1000000;

    order++;
    return printf("%u,2024-%02u-%02u,%s,%s,%u,%u.%02u,%s\n", order, 1 + below(12), 1 + below(28),
                  PICK(towns), spell(zipf(200000)), 1 + zipf(50), below(500), below(100),
                  PICK(states));
}

/* Every second order of csv, and who it is of. */
static int buyers(void)
{
    static unsigned order = 1000000;

    order += 2;
    return printf("%u,%s\n", order, spell(below(1000000)));
}

/* Chinese, whose words nothing separates. */
static int chinese(void)
{
    static const char *const words[] = {
        "的", "一个", "我们", "中国", "时间", "人民", "工作", "问题", "学生", "大学", "今天", "北京",
        "天气", "朋友", "电脑", "喜欢", "知道", "因为", "所以", "但是", "已经", "可以", "没有", "什么",
        "孩子", "世界", "历史", "文化", "经济", "社会", "在", "是", "了", "和", "看", "走"};
    const unsigned count = sizeof(words) / sizeof(words[0]);
    int written = 0;
    for (int left = 20; left > 0; left--)
        written += printf("%s%s", words[zipf(count)], below(8) == 0 ? "，" : "");
    return written + printf("。\n");
}

/* A list of words that are counted, in their order. */
static int counts(void)
{
    static unsigned word;

    word += 1 + below(3);
    return printf("w%08u\t%u\n", word, 1 + zipf(10000));
}

static const struct {
    const char *name;
    int (*write_line)(void); /* returns its bytes, negative on failure */
} kinds[] = {
    {"prose", prose}, {"skewed", skewed}, {"keys", keys}, {"log", access_log}, {"csv", csv},
    {"buyers", buyers}, {"chinese", chinese}, {"counts", counts},
};

static int write_text(int (*write_line)(void), double bytes)
{
    static char room[1 << 20];
    double written = 0;

    setvbuf(stdout, room, _IOFBF, sizeof(room));
    while (written < bytes) {
        int line = write_line();
        if (line < 0)
            break;
        written += line;
    }
    if (fflush(stdout) != 0 || ferror(stdout)) {
        perror("generate: standard output");
        return 1;
    }
    return 0;
}

int main(int count, char **words)
{
    state = count > 3 ? strtoull(words[3], NULL, 10) : 1;
    for (size_t i = 0; count > 2 && i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strcmp(words[1], kinds[i].name) == 0)
            return write_text(kinds[i].write_line, strtod(words[2], NULL) * 1e6);
    fprintf(stderr, "usage: generate prose|skewed|keys|log|csv|buyers MEGABYTES [SEED]\n");
    return 2;
}
