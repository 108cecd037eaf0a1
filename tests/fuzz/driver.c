/*
 * Runs a fuzzer over files and the files of directories, where there is no libFuzzer: a corpus
 * is so replayed by any compiler's build. Each file is named before its turn, so that the last
 * name in the output is the one that failed.
 */
#include "fuzz.h"

#include <dirent.h>
#include <sys/stat.h>

static void run_file(const char *path)
{
    printf("%s\n", path);
    fflush(stdout);
    FILE *file = fopen(path, "rb");
    struct stat st;
    hold(file != NULL && fstat(fileno(file), &st) == 0);
    unsigned char *bytes = get_memory((size_t)st.st_size);
    hold(fread(bytes, 1, (size_t)st.st_size, file) == (size_t)st.st_size);
    fclose(file);
    LLVMFuzzerTestOneInput(bytes, (size_t)st.st_size);
    free(bytes);
}

static int visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Returns how many files there were. */
static int run_directory(const char *path)
{
    struct dirent **names;
    int count = scandir(path, &names, visible, alphasort);
    hold(count >= 0);
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%s", path, names[i]->d_name);
        run_file(name);
        free(names[i]);
    }
    free(names);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode)) {
            count += run_directory(argv[i]);
        } else {
            run_file(argv[i]);
            count++;
        }
    }
    if (count > 0)
        return 0;
    fprintf(stderr, "usage: %s FILE or DIRECTORY..., with a file at least\n", argv[0]);
    return 2;
}
