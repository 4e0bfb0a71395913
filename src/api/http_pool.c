/* http_pool.c - threads that make answers, so that a slow one holds nobody up
 * SPDX-License-Identifier: Apache-2.0
 *
 * What waits is bounded by the connections: each has one request at a time. */
#include "api/http_server.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

enum { WORKERS_MAX = 16 };

struct worker {
    struct pool *pool;
    unsigned number;
    pthread_t thread;
};

struct pool {
    struct http_config config;
    int made_fd;
    pthread_mutex_t lock;
    pthread_cond_t more;
    bool end;                           /* this and the lists under the lock */
    struct job *waiting, **waiting_end; /* first come, first served */
    struct job *made;
    unsigned count;
    struct worker workers[WORKERS_MAX];
};

static struct job *job_take(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (!pool->waiting && !pool->end)
        pthread_cond_wait(&pool->more, &pool->lock);
    struct job *job = pool->end ? NULL : pool->waiting;
    if (job) {
        pool->waiting = job->next;
        if (!pool->waiting)
            pool->waiting_end = &pool->waiting;
    }
    pthread_mutex_unlock(&pool->lock);
    return job;
}

static void job_give(struct pool *pool, struct job *job)
{
    pthread_mutex_lock(&pool->lock);
    job->next = pool->made;
    pool->made = job;
    pthread_mutex_unlock(&pool->lock);
    ssize_t written = write(pool->made_fd, &(uint64_t){1}, sizeof(uint64_t));
    (void)written; /* it fails only when so many have written before that it wakes up anyway */
}

static void *worker_run(void *arg)
{
    struct worker *worker = arg;
    struct pool *pool = worker->pool;
    for (struct job *job; (job = job_take(pool));) {
        pool->config.take(pool->config.take_arg, worker->number, &job->view, &job->answer);
        job_give(pool, job);
    }
    return NULL;
}

struct pool *pool_new(const struct http_config *config, int made_fd)
{
    struct pool *pool = calloc(1, sizeof(*pool));
    if (!pool)
        return NULL;
    pool->config = *config;
    pool->made_fd = made_fd;
    pool->waiting_end = &pool->waiting;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    for (; pool->count < config->workers && pool->count < WORKERS_MAX; pool->count++) {
        struct worker *worker = &pool->workers[pool->count];
        *worker = (struct worker){.pool = pool, .number = pool->count};
        if (pthread_create(&worker->thread, NULL, worker_run, worker) != 0)
            break;
    }
    if (pool->count > 0)
        return pool;
    pool_free(pool);
    return NULL;
}

void pool_put(struct pool *pool, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&pool->lock);
    *pool->waiting_end = job;
    pool->waiting_end = &job->next;
    pthread_cond_signal(&pool->more);
    pthread_mutex_unlock(&pool->lock);
}

struct job *pool_made(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    struct job *made = pool->made;
    pool->made = NULL;
    pthread_mutex_unlock(&pool->lock);
    return made;
}

struct job *pool_end(struct pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->end = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (unsigned i = 0; i < pool->count; i++)
        pthread_join(pool->workers[i].thread, NULL);
    *pool->waiting_end = pool->made;
    return pool->waiting;
}

void pool_free(struct pool *pool)
{
    if (!pool)
        return;
    pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->more);
    free(pool);
}
