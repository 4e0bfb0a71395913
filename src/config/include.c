/* include.c - a configuration that is spread over several files, read in their order
 * SPDX-License-Identifier: Apache-2.0
 *
 * A file is read first, then what its `include` names: files, and of folders every *.yaml in the
 * order of their names. What comes later replaces single values and plain lists, and adds to lists
 * of named things. */
#include "config/schema.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 8 };

/* A file that is being read, and by way of which one. */
struct including {
    const struct including *from;
    const char *name;
    dev_t device;
    ino_t inode; /* 0: text in memory */
    unsigned depth;
    struct config_paths *all; /* that were included so far */
};

static int file_read(struct config *config, const char *path, const struct including *from,
                     struct error *error);

static int is_yaml(const struct dirent *entry)
{
    const char *end = strrchr(entry->d_name, '.');
    return entry->d_name[0] != '.' && end && strcmp(end, ".yaml") == 0;
}

static int folder_read(struct config *config, const char *path, const struct including *from,
                       struct error *error)
{
    struct dirent **files;
    int count = scandir(path, &files, is_yaml, alphasort);
    if (count < 0)
        return error_set(error, -errno, "%s: include: %s: %s", from->name, path, strerror(errno));
    int rc = 0;
    for (int i = 0; i < count; i++) {
        char file[CONFIG_PATH_MAX + 1];
        if (rc == 0 &&
            snprintf(file, sizeof(file), "%s/%s", path, files[i]->d_name) >= (int)sizeof(file))
            rc = error_set(error, -ENAMETOOLONG, "%s: include: %s: too long a path", from->name,
                           path);
        if (rc == 0)
            rc = file_read(config, file, from, error);
        free(files[i]);
    }
    free(files);
    return rc;
}

static int path_read(struct config *config, const struct config_path *path,
                     const struct including *from, struct error *error)
{
    struct stat info;
    struct config_path *known =
        config_list_add((struct config_list *)from->all, sizeof(struct config_path));
    if (!known)
        return -ENOMEM;
    *known = *path;
    if (stat(path->text, &info) < 0)
        return error_set(error, -errno, "%s: include: %s: %s", from->name, path->text,
                         strerror(errno));
    return S_ISDIR(info.st_mode) ? folder_read(config, path->text, from, error)
                                 : file_read(config, path->text, from, error);
}

/* Reads the text of a file, then what it includes. */
static int text_read(struct config *config, const struct including *file, const char *text,
                     size_t len, struct error *error)
{
    char *folder = config_folder_of(file->name);
    if (!folder)
        return -ENOMEM;
    int rc = config_read(file->name, folder, text, len, config, error);
    free(folder);
    struct config_paths own = config->include;
    config->include = (struct config_paths){0};
    if (rc == 0 && own.count > 0 && file->depth == DEPTH_MAX)
        rc =
            error_set(error, -ELOOP, "%s: include: more than %d files deep", file->name, DEPTH_MAX);
    for (uint32_t i = 0; rc == 0 && i < own.count; i++)
        rc = path_read(config, &own.items[i], file, error);
    free(own.items);
    return rc;
}

static int file_read(struct config *config, const char *path, const struct including *from,
                     struct error *error)
{
    struct stat info;
    char *text = NULL;
    size_t len;
    struct including file = {from, path, 0, 0, from->depth + 1, from->all};
    if (stat(path, &info) == 0) {
        file.device = info.st_dev;
        file.inode = info.st_ino;
    }
    for (const struct including *outer = from; outer; outer = outer->from)
        if (outer->inode && outer->inode == file.inode && outer->device == file.device)
            return error_set(error, -ELOOP, "%s: include: %s: is being read already: a circle",
                             from->name, path);
    int rc = config_read_file(path, &text, &len, error);
    if (rc == 0)
        rc = text_read(config, &file, text, len, error);
    free(text);
    return rc;
}

int config_read_all(const char *name, const char *text, size_t len, struct config *config,
                    struct error *error)
{
    struct stat info;
    struct config_paths all = {0};
    struct including file = {.name = name, .all = &all};
    if (stat(name, &info) == 0 && S_ISREG(info.st_mode)) {
        file.device = info.st_dev;
        file.inode = info.st_ino;
    }
    int rc = text_read(config, &file, text, len, error);
    config->include = all;
    return rc;
}
