package dev.noesis.check;

/** What names a run, or a tick: its id is the agent's own. */
record RunKey(String agent, String id) {}
