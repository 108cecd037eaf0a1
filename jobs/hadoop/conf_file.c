/* Configuration files, by expat. */
#include "conf_file.h"

#ifdef WCMR_EXPAT

#include "base/buffer.h"
#include "say.h"

#include <errno.h>
#include <expat.h>
#include <stdio.h>
#include <string.h>

enum { PIECE = 64 << 10 };

/* A file, up to where it was read. */
struct reading {
    struct conf_files *all;
    const char *path;
    XML_Parser parser;
    struct mr_buffer text; /* since name, value or final has begun */
    const char *name, *value; /* of the property at hand; NULL: not known */
    bool final;
    struct mr_error *err;
    bool failed; /* and err says why */
};

/* ---- properties ------------------------------------------------------------------------- */

static bool is_final(const struct conf_files *all, const char *name)
{
    const char *other = property_other_name(name);
    for (size_t i = 0; i < all->finals.count; i++)
        if (text_is(all->finals.at[i], name) || (other && text_is(all->finals.at[i], other)))
            return true;
    return false;
}

static void set(struct reading *r)
{
    struct conf_files *all = r->all;
    if (r->name == NULL || r->value == NULL)
        return;
    if (!is_final(all, r->name))
        property_set(&all->properties, r->name, r->value);
    else if (!text_is(property_get(&all->properties, r->name, ""), r->value))
        say_log("WARN", "conf.Configuration",
                text_format("%s:an attempt to override final parameter: %s;  Ignoring.", r->path,
                            r->name));
    if (r->final)
        list_add(&all->finals, r->name);
}

static const char *without_white(char *text)
{
    static const char white[] = " \t\r\n";
    text += strspn(text, white);
    size_t size = strlen(text);
    while (size > 0 && strchr(white, text[size - 1]))
        size--;
    text[size] = '\0';
    return text;
}

/* Takes what an element or an attribute has, unless it is nothing. */
static void take(struct reading *r, const char *what, const char *bytes, size_t size)
{
    char *text = size > 0 ? text_part(bytes, size) : NULL;
    if (text == NULL)
        return;
    if (text_is(what, "name"))
        r->name = without_white(text);
    else if (text_is(what, "value"))
        r->value = text;
    else if (text_is(what, "final"))
        r->final = text_is(text, "true");
}

/* ---- what expat calls ------------------------------------------------------------------- */

static void stop(struct reading *r)
{
    r->failed = true;
    (void)XML_StopParser(r->parser, XML_FALSE);
}

static void begin(void *arg, const XML_Char *element, const XML_Char **attributes)
{
    struct reading *r = arg;
    r->text.size = 0;
    if (text_is(element, "include") || text_ends(element, ":include")) {
        (void)mr_error_set(r->err, "-conf '%s' includes another file, which is not done here: name "
                                   "that by a -conf of its own", r->path);
        stop(r);
    }
    if (!text_is(element, "property"))
        return;
    r->name = r->value = NULL;
    r->final = false;
    for (; attributes[0] != NULL; attributes += 2)
        take(r, attributes[0], attributes[1], strlen(attributes[1]));
}

static void add_text(void *arg, const XML_Char *text, int size)
{
    struct reading *r = arg;
    if (mr_buffer_add(&r->text, text, (size_t)size) == 0)
        return;
    (void)mr_error_set(r->err, "-conf '%s': there is no memory for it", r->path);
    stop(r);
}

static void end(void *arg, const XML_Char *element)
{
    struct reading *r = arg;
    if (text_is(element, "property"))
        set(r);
    else
        take(r, element, (const char *)r->text.at, r->text.size);
    r->text.size = 0;
}

/* ---- a file ----------------------------------------------------------------------------- */

static int parse_some(struct reading *r, const void *bytes, size_t size, bool last)
{
    if (XML_Parse(r->parser, bytes, (int)size, last) == XML_STATUS_OK)
        return 0;
    return r->failed ? -1
                     : mr_error_set(r->err, "error parsing conf '%s', in line %lu: %s", r->path,
                                    (unsigned long)XML_GetCurrentLineNumber(r->parser),
                                    XML_ErrorString(XML_GetErrorCode(r->parser)));
}

static int read_with(struct reading *r, FILE *file)
{
    char piece[PIECE];
    size_t size;
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, begin, end);
    XML_SetCharacterDataHandler(r->parser, add_text);
    while ((size = fread(piece, 1, sizeof piece, file)) > 0)
        if (parse_some(r, piece, size, false) < 0)
            return -1;
    if (ferror(file))
        return mr_error_set(r->err, "cannot read '%s': %s", r->path, strerror(errno));
    return parse_some(r, "", 0, true);
}

int conf_file_read(struct conf_files *all, const struct file_systems *fs, const char *path,
                   struct mr_error *err)
{
    struct file_systems here = { fs->root, true };
    struct reading r = { .all = all, .path = path, .err = err };
    struct place place;
    int result = -1;
    if (path_find(&here, path, &place, err) < 0)
        return -1;
    FILE *file = fopen(place.local, "re");
    if (file == NULL)
        return mr_error_set(err, "-conf '%s' cannot be read: %s", path, strerror(errno));
    r.parser = XML_ParserCreate(NULL);
    if (r.parser != NULL)
        result = read_with(&r, file);
    else
        (void)mr_error_set(err, "-conf '%s': there is no memory for it", path);
    XML_ParserFree(r.parser);
    mr_buffer_free(&r.text);
    fclose(file);
    return result;
}

#else

int conf_file_read(struct conf_files *all, const struct file_systems *fs, const char *path,
                   struct mr_error *err)
{
    (void)all;
    (void)fs;
    return mr_error_set(err, "-conf '%s': XML is not read here, as expat was not there when this "
                             "was built; give each property by -D name=value", path);
}

#endif
