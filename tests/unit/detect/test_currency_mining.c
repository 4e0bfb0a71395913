/* test_currency_mining.c - mining pools by list and by the words their names are made of
 * SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "detect/currency_mining.h"
#include "judge.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct judge judge;

static void names_made_of_mining_words_are_found(void **state)
{
    (void)state;
    static const char *const names[] = {
        "stratum.newpool.example",
        "eu.stratum.example.com",
        "eth-eu1.miningpool.example",
        "btc.mine.example",
        "minexmr.example",
        "xmr-pool.example",
        "pool.minecoin.example",
        "xmrpool.example",
        "us-east.ethash-pool.example",
        "pool-mining.example",
        "solo-zec.pool.example",
        "xmr.example.com",
        "rvn.nicehash.example",
        "gulf.moneroocean.example",
        "miner1.pool2.example",
        "dogecoinmining.example",
        "xmrig.example",
        "sometitcoinpool.example",
        "mine.fast-yourpool.example",
        "eth-us2.yourpool.example",
        "masari.minersisland.example",
        "yourxmr.example",
        "monerohash.example",
        "webminer.example",
        "coin-hive.example",
        "crypto-loot.example",
        "miner-proxy-01.example",
        "nanopool.example",
        "minexmr.example",
        "_stratum._tcp.example.com",
        "k7pool.example",
        "www.qb4pool.example",
        "3miners.example",
        "myxmr.example",
        "rdxmr.example",
        "mine.kzpool.example",
        "pool.xmrquick.example",
    };
    for (size_t i = 0; i < COUNT(names); i++) {
        judge_ask(&judge, names[i]);
        judge_expect(&judge, DETECTOR_CURRENCY_MINING, REASON_MINING_PATTERN);
        assert_true(judge.finding.confidence >= confidence_floor[KNOB_MEDIUM]);
        assert_int_equal(judge.finding.hit, -1);
    }
}

static void a_name_that_cannot_speak_of_mining_is_told_at_once(void **state)
{
    (void)state;
    judge_ask(&judge, "pool-mining.example");
    assert_true(currency_mining_may_be(&judge.name, 0));
    judge_ask(&judge, "www.plain-words.xmr");
    assert_false(currency_mining_may_be(&judge.name, 1)); /* what stands behind does not count */
    assert_true(currency_mining_may_be(&judge.name, 2));
}

static void words_that_only_contain_mining_words_are_not(void **state)
{
    (void)state;
    static const char *const names[] = {
        "carpool.com",
        "determine.org",
        "whirlpool.net",
        "poolparty.example",
        "mineral.com",
        "www.liverpool.co",
        "undermine.org",
        "jasmine.example",
        "coinbase.com",
        "www.bitcoin.org",
        "ethereum.org",
        "hash.example",
        "0.us.pool.ntp.org",
        "asia.pool.ntp.org",
        "2.debian.pool.ntp.org",
        "stratum1.ntp.example",
        "stratum2-1.ntp.example",
        "stratum1.ru",
        "mine.example",
        "swimming-pools.example",
        "coindesk.com",
        "mining.example.com",
        "minecraft.net",
        "goldmine.example",
        "poolcoverage.example",
        "ergasia.gr",
        "crypto.stackexchange.com",
        "coinmarketcap.com",
        "ethan.pool.example",
        "carpool-eth.example",
        "applicantpool.example", /* ends with a brand */
        "webmineral.example",
        "examiner-times.example",
        "rxmr.example",
        "24pool.example",
        "area51pool.example",
        "mymonero.example",
        "www.kzpool.example",
        "xmradio.example",
        "localmonero.example",
        "eu.carpool.example",
        "www.yourpool.example",
        "beehive.example",
        "web-mining-2000.example",
    };
    judge_silent(DETECTOR_CURRENCY_MINING, names, COUNT(names));
}

static void a_listed_host_fires_by_its_name_or_its_alias(void **state)
{
    (void)state;
    judge_ask(&judge, "www.example.com");
    judge_hit(&judge, CATEGORY_MINING, MATCH_QNAME, 2, 85);
    judge_expect(&judge, DETECTOR_CURRENCY_MINING, REASON_MINING_LISTED);
    assert_int_equal(judge.finding.confidence, 85);
    judge.enrichment.hits[0].field = MATCH_CNAME;
    judge_expect(&judge, DETECTOR_CURRENCY_MINING, REASON_MINING_LISTED);
    judge.enrichment.hits[0].field = MATCH_ADDRESS;
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
}

static void a_list_says_more_than_the_pattern(void **state)
{
    (void)state;
    judge_ask(&judge, "stratum.xmrpool.example");
    judge_hit(&judge, CATEGORY_MINING, MATCH_QNAME, 2, 95);
    judge_expect(&judge, DETECTOR_CURRENCY_MINING, REASON_MINING_LISTED);
}

static void the_pattern_is_off_where_it_has_no_say(void **state)
{
    (void)state;
    judge_ask(&judge, "xmrpool.example");
    assert_true(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
    judge.enrichment.popular = true;
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
    judge.enrichment.popular = false;
    judge.enrichment.popularity = 13; /* among the 10,000 best known */
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
    judge.enrichment.popularity = 14;
    assert_true(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
    judge.enrichment.allowed = true;
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
    judge.enrichment.allowed = false;
    judge.enrichment.registrable = -1; /* a single label, a special or reverse name */
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
    judge.transaction.question = NULL;
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
}

static void the_public_suffix_is_not_read(void **state)
{
    (void)state;
    judge_ask(&judge, "eth.shop.pool"); /* were "pool" a top-level domain */
    assert_false(judge_fires(&judge, DETECTOR_CURRENCY_MINING));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_made_of_mining_words_are_found),
        cmocka_unit_test(a_name_that_cannot_speak_of_mining_is_told_at_once),
        cmocka_unit_test(words_that_only_contain_mining_words_are_not),
        cmocka_unit_test(a_listed_host_fires_by_its_name_or_its_alias),
        cmocka_unit_test(a_list_says_more_than_the_pattern),
        cmocka_unit_test(the_pattern_is_off_where_it_has_no_say),
        cmocka_unit_test(the_public_suffix_is_not_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
