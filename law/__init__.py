"""The law of sittings, pure: values in, values out. No database, no clock, no web.

This room imports the standard library and itself. Whoever looks for the article behind a rule,
or for the rule behind an article, starts here. Articles are of the CGCT unless said otherwise;
an open syndicate (art. L5721-1) follows its statutes, so every figure is read in a `Regime`.

    Article             Rule                                          Where
    ------------------  --------------------------------------------  ----------------------------
    L5711-1, L5721-1    closed or open syndicate: whose rules         regime.propose, PRESETS
    L5721-2             statutes that depart from the code            regime.departures, article_of
    L2121-10            items of the agenda, and no other             checks.check
    L2121-11, L2121-12  clear days of the convocation, urgency        deadlines
    L2121-17            quorum, second call without condition         quorum.of, quorum.assess
    L5211-11-1          remote presence, public ballots only          quorum.of, checks.check
    L2131-11            personal interest: out of the present         sitting.Ground, quorum.of
    L1111-6 II          outside body: out of the present and office   sitting.Ground, quorum.of
    L2121-14            accounts: who chairs, who withdraws           sitting.ChairTaken, Ground
    L2121-20            proxies: one per holder, three sittings       checks.check, proxies
    L2121-20            proxies alive and asleep                      sitting.State.living_proxies
    L2121-20            votes cast, majority, casting vote            ballots.count, ballots.decide
    L5212-7             substitutes and their seats                   sitting.State.occupants
    L2121-21            ordinary, public, secret ballots              ballots.Mode, checks.check
    L2121-21            who may ask for a public or secret ballot     ballots.requesters
    L2121-21, L2122-7   elections, nominations, the eldest on a tie   elections
    L1612-12            accounts: adopted unless a majority against   ballots.ACCOUNTS
    L5721-2-1           change of the statutes                        ballots.statutes_majority
    L2121-15            clerks, mentions of the minutes               checks.check, checks.review
    L2121-15, L2121-25  publication of minutes and of the list        deadlines

What happened is told by events (`sitting`), read and written by `codec`, and never stored as a
figure: `sitting.replay` tells who was there and who could vote, whatever the order of telling.
`sentences` and `french` say it as minutes do; `findings` is how the law objects.
"""
