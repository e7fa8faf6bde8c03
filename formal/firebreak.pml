/*
 * The lifecycle of a held action, small enough to look at all of it.
 *
 * Two holds: 0 drops the data and leans on its recovery point, 1 deletes that recovery point. An agent that asks,
 * asks again with other parameters and tries to approve; two approvers, one who undoes, rejects, halts and resumes; a
 * clock; EXECUTORS daemons over one durable state that crash anywhere; a target that does late, never, or without
 * answering what it was told. With -DSAVES the runner of DROP brings its own way back: act and recovery point are one
 * transaction of the target, and the lease is taken before its commit. README.md says what each law means and which seeded bug (-DBUG_...) must break it.
 */
#ifndef EXECUTORS
#define EXECUTORS 1
#endif
#ifndef CRASHES
#define CRASHES 1
#endif

#define DROP 0 /* the hold that drops the data */
#define BACK 1 /* the hold that deletes the way back */
#define GRACE 1
#define EXPIRES 1
#define LATEST (EXPIRES + GRACE + 1)
#define ASKED 1 /* the parameters that were asked for first: what people are shown */
#define OTHER 2

mtype = { none, open, approved, scheduled, executing, executed, failed, denied, expired, undone }
mtype = { yes, no, broken }

/* Durable: rows. Every d_step that writes them is one transaction. */
mtype st[2] = none
byte stored[2]     /* the sealed action's parameters */
byte signers[2]     /* who has signed the digest of what was asked: bit 0 and bit 1 */
byte runsAt[2]
bool lease         /* DROP leans on the recovery point */
bool started[2]    /* it has been executing, whatever came of it */
bool intent[2]     /* the ledger has it */
byte owner[2]      /* which daemon executes it */
#ifdef SAVES
bool marked        /* DROP has leant: only after this its commit is sent */
#endif
bool halted

/* The world: the target, and what is on its way there and back. */
byte sent[2]       /* parameters on the wire; 0 for none */
mtype answer[2]
bool happened[2]
bool gone[2]       /* DROP: the data; BACK: the recovery point */
byte effects[2]

/* Volatile, of no daemon in particular. */
byte retried[2]    /* the latest request's parameters */
byte now
byte crashes
bool up[EXECUTORS] = true
bool haltKnown     /* the halt as a daemon remembers it; only a bug trusts it */

/* Witnesses: what really was, for the laws only. */
byte approvers[2]  /* how many people approved */
byte approvedAt[2]
bool takenBack[2]  /* somebody was told `undone` or `denied` */

#define needed(h) (h == BACK -> 2 : 1)
#define count(h) ((signers[h] & 1) + ((signers[h] >> 1) & 1))
#ifdef BUG_GRACE_IGNORED
#define due(h) (st[h] == scheduled)
#else
#define due(h) (st[h] == scheduled && now >= runsAt[h])
#endif
#define settled(h) (st[h] == executed || st[h] == failed || st[h] == denied || st[h] == expired || st[h] == undone)
#define ended(h) (st[h] == none || settled(h) || st[h] == executing || halted)

#ifdef BUG_HALT_FORGOTTEN
#define stops haltKnown
#else
#define stops halted
#endif

#ifdef BUG_NO_LEASE
#define leasedAway(h) false
#else
#define leasedAway(h) (h == BACK && lease)
#endif

/* A way back that another act has begun to take is none, whatever the target still shows. */
#ifdef BUG_NO_CLAIM
#define wayBack(h) true
#else
#define wayBack(h) (h != DROP || !started[BACK])
#endif

/* A runner that saves is asked for its way back in the act itself, and not before. */
#ifdef SAVES
#define saved(h) (h == DROP || there)
#else
#define saved(h) (there && wayBack(h))
#endif

#ifdef BUG_UNBOUND
#define bound(h) true
#else
#define bound(h) (stored[h] == ASKED)
#endif

#ifdef BUG_ONE_OF_TWO
#define signedEnough(h) (count(h) >= 1)
#else
#define signedEnough(h) (count(h) >= needed(h))
#endif

inline open_(h) { d_step { st[h] == none -> st[h] = open; stored[h] = ASKED; retried[h] = ASKED } }

inline approve(h, who) {
  d_step {
    st[h] == open && now < EXPIRES && !(signers[h] & (1 << who)) ->
    signers[h] = signers[h] | (1 << who);
    approvers[h]++;
    if
    :: signedEnough(h) -> st[h] = approved; approvedAt[h] = now
    :: else
    fi
  }
}

proctype Agent() {
end:
  do
  :: open_(DROP)
  :: open_(BACK)
  :: d_step { retried[DROP] == ASKED && !settled(DROP) -> retried[DROP] = OTHER }
  /* Somebody with the state file in hand, or a platform that reads the same request as something else now. */
  :: d_step { st[DROP] != none && !started[DROP] && stored[DROP] == ASKED -> stored[DROP] = OTHER }
#ifdef BUG_SELF_APPROVAL
  :: d_step { st[DROP] == open && now < EXPIRES -> signers[DROP] = 1; st[DROP] = approved; approvedAt[DROP] = now }
#endif
  od
}

proctype Approvers() {
end:
  do
  :: approve(DROP, 0)
  :: approve(BACK, 0)
  :: approve(BACK, 1)
  od
}

inline takeBack(h, to) {
  d_step {
    st[h] == approved || st[h] == scheduled ->
    st[h] = to; takenBack[h] = true;
    if
    :: h == DROP -> lease = false /* nothing leans on it any more */
    :: else
    fi
  }
}

proctype Undoer() {
end:
  do
  :: takeBack(DROP, undone)
  :: takeBack(BACK, denied)
  :: d_step { st[DROP] == open && now < EXPIRES -> st[DROP] = denied; takenBack[DROP] = true }
#ifdef BUG_UNDO_APART
  /* Looks first and writes later: not the one row that the act competes for. */
  :: st[BACK] == scheduled -> d_step { st[BACK] = undone; takenBack[BACK] = true }
#endif
  od
}

proctype Halter() {
end:
  d_step { halted = true; haltKnown = true };
  d_step { halted = false; haltKnown = false }
}

proctype Clock() {
end:
  do
  :: now < LATEST -> now++
#ifndef BUG_SILENCE_WAITS
  :: d_step { now >= EXPIRES && st[DROP] == open -> st[DROP] = expired }
#endif
  :: d_step { now >= EXPIRES && st[BACK] == open -> st[BACK] = expired }
  od
}

proctype Crasher() {
end:
  do
  :: d_step { crashes < CRASHES -> crashes++; up[0] = false }
#if EXECUTORS > 1
  :: d_step { crashes < CRASHES -> crashes++; up[1] = false }
#endif
  od
}

/* The target is asked, before any transaction: it may be otherwise when that runs. */
inline look(h) { d_step { there = (h == BACK || !gone[BACK]) } }

/* After the last approval: the recovery point is there and is leaned on, durably, before the time is set. */
inline schedule(h) {
  d_step {
    if
    :: st[h] == approved && (!saved(h) || leasedAway(h)) -> st[h] = failed
    :: st[h] == approved && saved(h) && !leasedAway(h) ->
       st[h] = scheduled; runsAt[h] = now + GRACE;
#ifndef SAVES
       if
       :: h == DROP -> lease = true
       :: else
       fi
#endif
    :: else
    fi;
    there = false
  }
}

/* The one transaction that checks again and starts. What the target says (`there`) was asked before it: only rows can be trusted in it. */
inline start(h) {
  d_step {
    if
#ifdef BUG_CHECKED_BEFORE
    :: true ->
#else
    :: due(h) && !stops ->
#endif
       if
       :: !bound(h) || !signedEnough(h) || leasedAway(h) || !saved(h) ->
          st[h] = failed;
          if
          :: h == DROP -> lease = false
          :: else
          fi
       :: else ->
          assert(!halted); /* H: after the halt nothing starts */
          st[h] = executing; started[h] = true; owner[h] = me; what = stored[h];
#ifdef BUG_RETRY_RUNS
          what = retried[h];
#endif
#ifndef BUG_INTENT_LATE
          intent[h] = true;
#endif
#ifndef SAVES
          if
          :: h == DROP -> lease = true
          :: else
          fi
#endif
       fi
#ifndef BUG_CHECKED_BEFORE
    :: else
#endif
    fi;
    there = false
  }
}

#ifdef SAVES
/* The act has been done and its way back proven, in a transaction of the target that is open: lease and mark are durable before its commit. */
inline lean(h) {
  d_step {
    if
    :: st[h] == executing && owner[h] == me && there && wayBack(h) -> lease = true; marked = true
    :: else ->
       what = 0; /* rolled back */
       if
       :: st[h] == executing && owner[h] == me -> st[h] = failed
       :: else
       fi
    fi;
    there = false
  }
}
#endif

/* The call leaves; of a runner that saves, the commit. */
inline call(h) {
  d_step {
    assert(approvers[h] >= needed(h));        /* E1 */
    assert(now >= approvedAt[h] + GRACE);     /* E2 */
    assert(!takenBack[h]);                    /* E3 */
    assert(what == ASKED);                     /* E5 */
    assert(intent[h]);                        /* I: intent first */
    sent[h] = what; answer[h] = 0; what = 0
  }
}

/* Only what executes here ends: a row that is something else by now stays that. */
inline finish(h, to) {
  d_step {
    if
    :: st[h] == executing && owner[h] == me ->
       st[h] = to; intent[h] = true;
#ifdef BUG_RELEASE_ON_FAILURE
       if
       :: h == DROP && to == failed -> lease = false
       :: else
       fi
#endif
    :: else
    fi
  }
}

/* No answer came, or none was lived to see: the target is asked. It may not know, and what is on its way may still land. */
inline reconcile(h) {
  if
  :: st[h] == executing && owner[h] == me ->
#ifdef BUG_RUNS_AGAIN
     d_step { sent[h] = stored[h]; answer[h] = 0 }
#else
     if
     :: happened[h] -> finish(h, executed)
#ifdef SAVES
     /* A database knows its transactions: while one is open it says so. Without a mark no commit was ever sent. */
     :: !happened[h] && (h == BACK || !marked || sent[h] == 0) -> finish(h, failed)
#else
     :: !happened[h] -> finish(h, failed)
#endif
     :: true /* it cannot say: the hold stays executing, and people are told */
     /* A person looks, also whether it still runs, and says what became of it, rightly or not: nothing is sent. */
     :: sent[h] == 0 -> finish(h, executed)
     :: sent[h] == 0 -> finish(h, failed)
     fi
#endif
  :: else
  fi
}

inline act(h) {
  if
  :: what != 0 ->
     call(h);
#ifdef BUG_LEAN_LATE
     if
     :: h == DROP -> look(h); lean(h)
     :: else
     fi;
#endif
     if
     :: answer[h] == yes -> finish(h, executed)
     :: answer[h] == no -> finish(h, failed)
     :: answer[h] == broken -> reconcile(h)
     :: true -> reconcile(h) /* its patience is at an end */
     fi
  :: else
  fi
}

proctype Executor(byte me) {
  byte what = 0;
  bool there = false;
boot:
  {
    reconcile(DROP);
    reconcile(BACK);
end:
    do
    :: st[DROP] == approved -> look(DROP); schedule(DROP)
    :: st[BACK] == approved -> look(BACK); schedule(BACK)
    :: due(DROP) && !stops -> look(DROP); start(DROP);
#ifdef SAVES
#ifndef BUG_LEAN_LATE
       if
       :: what != 0 -> look(DROP); lean(DROP)
       :: else
       fi;
#endif
#endif
       act(DROP)
    :: due(BACK) && !stops -> look(BACK); start(BACK); act(BACK)
    od
  } unless { !up[me] };
  d_step {
    what = 0; there = false; up[me] = true;
#ifdef BUG_HALT_FORGOTTEN
    haltKnown = false
#endif
  };
  goto boot
}

inline land(h) {
  sent[h] = 0; effects[h]++; happened[h] = true; gone[h] = true;
  assert(effects[h] <= 1);                  /* E4 */
#ifdef SAVES
  assert(h != DROP || marked);              /* L: it leans before it is final */
  assert(h != DROP || st[h] == executing);  /* T: who says failed says the truth */
#endif
  assert(!(gone[DROP] && gone[BACK]))       /* E6 */
}

/* Does what it is told, refuses it, or never hears of it; early or late, and the answer may be lost on its way. */
proctype Target() {
end:
  do
  :: d_step { sent[DROP] != 0 -> land(DROP); answer[DROP] = yes }
  :: d_step { sent[DROP] != 0 -> land(DROP); answer[DROP] = broken }
  :: d_step { sent[DROP] != 0 -> sent[DROP] = 0; answer[DROP] = no }
  :: d_step { sent[DROP] != 0 -> sent[DROP] = 0; answer[DROP] = broken }
  :: d_step { sent[BACK] != 0 -> land(BACK); answer[BACK] = yes }
  :: d_step { sent[BACK] != 0 -> land(BACK); answer[BACK] = broken }
  :: d_step { sent[BACK] != 0 -> sent[BACK] = 0; answer[BACK] = no }
  :: d_step { sent[BACK] != 0 -> sent[BACK] = 0; answer[BACK] = broken }
  od
}

/* WITNESS_...: these must break, or the laws hold because nothing ever happens. */
/* When nothing can happen any more, every hold has ended, is halted, or is executing because the target cannot say. */
proctype Quiet() {
end:
  timeout ->
#ifdef WITNESS_DROPPED
  assert(!(st[DROP] == executed && gone[DROP] && !gone[BACK]))
#else
#ifdef WITNESS_DELETED
  assert(!(st[BACK] == executed && gone[BACK] && !gone[DROP]))
#else
#ifdef WITNESS_LATE
  assert(!(st[DROP] == failed && happened[DROP]))
#else
#ifdef WITNESS_CANNOT_SAY
  assert(st[DROP] != executing)
#else
  assert(ended(DROP) && ended(BACK))        /* Q */
#endif
#endif
#endif
#endif
}

init {
  atomic {
    run Agent(); run Approvers(); run Undoer(); run Halter(); run Clock(); run Crasher(); run Target();
    run Executor(0);
#if EXECUTORS > 1
    run Executor(1);
#endif
    run Quiet()
  }
}
