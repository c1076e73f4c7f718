"""The law of sittings, pure: values in, values out. No database, no clock, no web.

This room imports the standard library and itself. Whoever looks for the article behind a rule,
or for the rule behind an article, starts here; docs/droit.md says of every rule whether it is
applied and, if not, why. Articles are of the CGCT unless said otherwise; an open syndicate
(art. L5721-1) follows its statutes, so every figure is read in a `Regime`.

    Article             Rule                                 Where
    ------------------  -----------------------------------  ------------------------------------
    L5211-1, L5711-1    closed or open: whose rules          regime.propose, regime.PRESETS
    L5721-2             statutes that depart from the code   regime.departures
    L5721-2             the source that is quoted            regime.article_of
    L5212-16            items that concern some members      sitting.CollegeSet
    L5212-16            who votes on them                    sitting.State.voices
    L2121-10            items of the agenda, and no other    checks.reader.Reader.is_item
    L2121-11, L2121-12  clear days of the convocation        deadlines.assess_notice
    L2121-10            each member's own day of dispatch    deadlines.assess_notice
    L2121-12            the vote on urgency                  deadlines.Notice, checks.votes.ballot
    L2121-9             a sitting that members ask for       deadlines.requested_sitting_due
    L2312-1             debate before the budget             deadlines.budget_debate
    L1612-2, L1612-12   last day of a budget, of accounts    deadlines.term_of
    L2121-17            quorum, at opening and each item     quorum.of, quorum.assess
    L2121-17            second call without condition        quorum.of, sentences.second_call
    L2121-19            oral questions, until when           deadlines.oral_questions_due
    L2121-17            second call that was announced       deadlines.announced_second_call
    L5211-11-1          remote presence, public ballots      quorum.of, checks.people.arrival
    L2131-11, L3132-5   personal interest: no part in it     sitting.Ground, regime.cited
    L1111-6, L2131-11   outside body: not in office either   sitting.Ground, quorum.of
    L2121-14            accounts: who chairs, who leaves     sitting.ChairTaken, sitting.Ground
    L2121-20            proxies: one per holder              checks.people.proxy
    L2121-20            three sittings, except illness       proxies.expired
    L2121-20            proxies alive and asleep             sitting.State.living_proxies
    L2121-20            who may stand in for whom            proxies.propose, proxies.options
    L2121-20            votes cast, majority, casting vote   ballots.count, ballots.decide
    L5212-6, L5212-7    substitutes and their seats          sitting.State.occupants
    the statutes        a consultative voice                 assembly.Member.deliberates
    L2121-21            ordinary, public, secret ballots     ballots.Mode, sentences.ballot
    L2121-21            how many may ask for a ballot        ballots.requesters
    L2121-21            what is asked for; secret wins       voting.imposed_mode
    L2121-21, L2121-22  elections, lists, the eldest         elections.decide
    L1411-5, L1414-2    the commission of tenders            elections.faults_of_tenders
    L2121-33            representatives replaced             undoing.other_forms
    L2121-21, L2122-7   secret, waived or imposed            elections.Secrecy
    L2122-10, L2122-15  what a sitting changes of mandates   mandates.changed_by
    L1612-12            accounts: unless a majority against  ballots.ACCOUNTS
    L5721-2-1           change of the statutes               ballots.statutes_majority
    L5211-11, L2121-18  closed doors                         voting.closed_doors_majority
    L2121-16            suspensions                          sitting.Suspended, sitting.Resumed
    L2121-15            secretaries                          checks.people.clerks, sentences.clerks
    L2121-15            mentions of the minutes              checks.review.of, style.part_faults
    L2121-15            publication of the minutes           deadlines.minutes_due
    L2121-25            publication of the list              deadlines.list_due
    L5211-40-2          copy to other councillors            deadlines.councillors_copy_due
    L5211-10, L2122-23  account of what was delegated        regime.accounted_by
    L2122-22, L5211-10  who may decide alone, and what       delegations.objections
    L2131-1, L3131-1    acts that become enforceable         acts.force
    L2131-2, L3131-2    transmission                         acts.transmission
    L2131-6, L3132-1    the prefect before the court         acts.control
    R421-1 du CJA       appeal by anybody                    acts.appeal
    R2131-1             time online                          deadlines.online_until

What happened is told by events (`sitting`), read and written by `codec`, and never stored as a
figure: `sitting.replay` tells who was there and who could vote, whatever the order of telling.
`sentences` and `french` say it as minutes do; `findings` is how the law objects.
"""
