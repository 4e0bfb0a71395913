/* inventory.c - who is behind an address, from inventory and lease files that are read when they
 * change
 *
 * SPDX-License-Identifier: Apache-2.0 */
#include "intel/inventory.h"

#include "base/clock.h"
#include "intel/book.h"
#include "intel/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { INVENTORY_FILE_BYTES_MAX = 64 << 20, ADDR_BITS = 128 };

/* By what a file is known to be the one that was read. */
struct mark {
    int64_t modified_ns;
    uint64_t bytes, inode;
};

/* A file with what it said when it could be read last. */
struct shelf {
    const char *path; /* NULL: the entries of the configuration itself */
    bool leases;
    struct mark mark;
    struct book book;
};

struct inventory {
    const struct config_inventory *config;
    inventory_note_fn note;
    void *arg;
    uint32_t count;
    struct shelf *shelves; /* in the order of the configuration: of two entries the first counts */
};

/* All zero for a file that is not there. */
static struct mark mark_of(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return (struct mark){0};
    return (struct mark){
        .modified_ns = info.st_mtim.tv_sec * NS_PER_S + info.st_mtim.tv_nsec,
        .bytes = (uint64_t)info.st_size,
        .inode = (uint64_t)info.st_ino,
    };
}

static struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static void hosts_add(struct book *book, const char *path, const struct config_inventory *config)
{
    book->path = path;
    for (uint32_t i = 0; i < config->hosts.count; i++) {
        const struct config_inventory_host *host = &config->hosts.items[i];
        char tags[BOOK_CELL_MAX * 2] = "";
        size_t len = 0;
        for (uint32_t j = 0; j < host->tags.count && len < sizeof(tags); j++)
            len +=
                (size_t)snprintf(tags + len, sizeof(tags) - len, "%s;", host->tags.items[j].text);
        const struct book_row row = {slice_of(host->match), slice_of(host->name),
                                     slice_of(host->owner), slice_of(host->email), slice_of(tags)};
        book->line = i + 1;
        book_refuse(book, book_add_host(book, &row));
    }
}

/* An inventory in YAML is a configuration of which only the key inventory.hosts counts. */
static bool yaml_read(struct book *book, const char *path, const struct file *file)
{
    struct config *config;
    struct error error;
    if (config_load_text(path, file->data, file->len, &config, &error) < 0) {
        book_refuse(book, error.text);
        return false;
    }
    hosts_add(book, path, &config->inventory);
    config_free(config);
    return true;
}

static bool is_yaml(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot && (strcmp(dot, ".yaml") == 0 || strcmp(dot, ".yml") == 0);
}

/* Reads the file into the book; false when it could not be read as a whole. */
static bool file_take(const struct inventory *inventory, const struct shelf *shelf,
                      struct book *book)
{
    struct file file;
    struct error error;
    bool read = true;
    book->path = shelf->path;
    if (file_read(&file, shelf->path, INVENTORY_FILE_BYTES_MAX, &error) < 0) {
        book_refuse(book, error.text);
        return false;
    }
    if (shelf->leases)
        leases_read(book, file.data, file.len, (int64_t)inventory->config->lease_hours * 3600);
    else if (is_yaml(shelf->path))
        read = yaml_read(book, shelf->path, &file);
    else
        inventory_table_read(book, file.data, file.len);
    file_done(&file);
    return read;
}

/* Reads the shelf anew; what it has stays where that fails. */
static void shelf_fill(const struct inventory *inventory, struct shelf *shelf)
{
    struct book book;
    bool read = true;
    book_init(&book, inventory->note, inventory->arg);
    book_keep_leases(&book, &shelf->book);
    if (shelf->path)
        read = file_take(inventory, shelf, &book);
    else
        hosts_add(&book, "inventory.hosts", inventory->config);
    book_finish(&book);
    struct book old = read ? shelf->book : book;
    if (read)
        shelf->book = book;
    else
        shelf->book.refused = book.refused;
    book_done(&old);
}

static bool shelf_refresh(const struct inventory *inventory, struct shelf *shelf)
{
    struct mark mark = mark_of(shelf->path);
    if (memcmp(&mark, &shelf->mark, sizeof(mark)) == 0)
        return false;
    shelf->mark = mark;
    shelf_fill(inventory, shelf);
    return true;
}

struct inventory *inventory_new(const struct config_inventory *config, inventory_note_fn note,
                                void *arg)
{
    struct inventory *inventory = calloc(1, sizeof(*inventory));
    uint32_t files = config->files.count, count = 1 + files + config->leases.count;
    struct shelf *shelves = calloc(count, sizeof(*shelves));
    if (!inventory || !shelves) {
        free(inventory);
        free(shelves);
        return NULL;
    }
    *inventory = (struct inventory){config, note, arg, count, shelves};
    for (uint32_t i = 0; i < files; i++)
        shelves[1 + i].path = config->files.items[i].text;
    for (uint32_t i = 0; i < config->leases.count; i++)
        shelves[1 + files + i] =
            (struct shelf){.path = config->leases.items[i].text, .leases = true};
    for (uint32_t i = 0; i < count; i++) {
        if (shelves[i].path)
            shelves[i].mark = mark_of(shelves[i].path);
        shelf_fill(inventory, &shelves[i]);
    }
    return inventory;
}

void inventory_free(struct inventory *inventory)
{
    if (!inventory)
        return;
    for (uint32_t i = 0; i < inventory->count; i++)
        book_done(&inventory->shelves[i].book);
    free(inventory->shelves);
    free(inventory);
}

bool inventory_refresh(struct inventory *inventory)
{
    bool changed = false;
    for (uint32_t i = 1; inventory && i < inventory->count; i++)
        changed |= shelf_refresh(inventory, &inventory->shelves[i]);
    return changed;
}

/* What the shelves know of one alert's entity. */
struct known {
    const char *lease_name, *lease_hardware; /* "" without a lease */
    const struct book *book;                 /* of the entry */
    const struct book_host *host;            /* or NULL */
};

static void lease_find(const struct inventory *inventory, const struct addr *addr, int64_t time_s,
                       struct known *known)
{
    const struct book_lease *latest = NULL;
    for (uint32_t i = 0; i < inventory->count; i++) {
        const struct book *book = &inventory->shelves[i].book;
        const struct book_lease *lease = book_lease_at(book, addr, time_s);
        if (!lease || (latest && latest->start_s >= lease->start_s))
            continue;
        latest = lease;
        known->lease_name = book_text(book, lease->name);
        known->lease_hardware = book_text(book, lease->hardware);
    }
}

static bool key_find(const struct inventory *inventory, const char *key, size_t len,
                     struct known *known)
{
    for (uint32_t i = 0; i < inventory->count && len && !known->host; i++) {
        known->book = &inventory->shelves[i].book;
        known->host = book_host_by_key(known->book, key, len);
    }
    return known->host;
}

static bool block_find(const struct inventory *inventory, const struct addr *addr,
                       unsigned bits_min, struct known *known)
{
    for (uint32_t i = 0; i < inventory->count; i++) {
        const struct book *book = &inventory->shelves[i].book;
        const struct book_host *host = book_host_by_addr(book, addr, bits_min);
        if (!host || (known->host && known->host->block.bits >= host->block.bits))
            continue;
        known->book = book;
        known->host = host;
    }
    return known->host;
}

/* An entry for the lease's hardware address is about the machine itself, one for the address, too;
 * the host name is what the client says of itself; a block only tells where it stands. */
static void known_find(const struct inventory *inventory, const struct addr *addr, int64_t time_s,
                       struct known *known)
{
    *known = (struct known){.lease_name = "", .lease_hardware = ""};
    lease_find(inventory, addr, time_s, known);
    const char *name = known->lease_name;
    (void)(key_find(inventory, known->lease_hardware, strlen(known->lease_hardware), known) ||
           block_find(inventory, addr, ADDR_BITS, known) ||
           key_find(inventory, name, strlen(name), known) ||
           key_find(inventory, name, strcspn(name, "."), known) ||
           block_find(inventory, addr, 0, known));
}

static void text_put(const struct known *known, uint32_t offset, char *to, size_t room)
{
    snprintf(to, room, "%s", known->host ? book_text(known->book, offset) : "");
}

void inventory_describe(const struct inventory *inventory, struct alert *alert)
{
    struct addr addr;
    struct known known;
    if (!inventory || !addr_parse(alert->entity_ip, strlen(alert->entity_ip), &addr))
        return;
    known_find(inventory, &addr, alert->start_ns / NS_PER_S, &known);
    const struct book_host none = {0}, *host = known.host ? known.host : &none;
    bool machine = host->key || host->block.bits == ADDR_BITS;
    text_put(&known, host->name, alert->entity_name, sizeof(alert->entity_name));
    if (*known.lease_name && (!machine || !host->name))
        snprintf(alert->entity_name, sizeof(alert->entity_name), "%s", known.lease_name);
    text_put(&known, host->owner, alert->entity_owner, sizeof(alert->entity_owner));
    text_put(&known, host->email, alert->entity_email, sizeof(alert->entity_email));
    text_put(&known, host->tags, alert->entity_tags, sizeof(alert->entity_tags));
}

struct inventory_count inventory_count(const struct inventory *inventory)
{
    struct inventory_count count = {0};
    for (uint32_t i = 0; i < inventory->count; i++) {
        const struct book *book = &inventory->shelves[i].book;
        count.hosts += book->host_count;
        count.leases += book->lease_count;
        count.refused += book->refused;
    }
    return count;
}
