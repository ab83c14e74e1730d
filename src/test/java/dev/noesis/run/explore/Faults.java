package dev.noesis.run.explore;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.noesis.mind.Memory;
import dev.noesis.mind.Run;
import dev.noesis.model.Attempt;
import dev.noesis.model.MindEvent;
import dev.noesis.model.MindEvent.Handover;
import dev.noesis.model.MindEvent.StepCompleted;
import dev.noesis.serde.Json;
import java.util.List;
import java.util.NavigableMap;
import org.apache.kafka.common.utils.Bytes;

/** Faults that a kernel of this kind may have, made at its edges: the kernel itself stays as it is. */
final class Faults {
    private static final String MEMORY = "mind\1a\0" + Script.AGENT + "\0";

    private Faults() {}

    /** A task decides, and launches, before it has folded what its predecessors wrote. */
    static Fault decidingBeforeTheBarrier() {
        return new Fault() {
            @Override
            boolean ownsEarly() {
                return true;
            }
        };
    }

    /** A task makes the calls that its predecessor left before it has folded its barrier. */
    static Fault callingBeforeTheBarrier() {
        return new Fault() {
            @Override
            boolean callsEarly() {
                return true;
            }
        };
    }

    /** What a zombie decides counts as if the owner had decided it. */
    static Fault notFencingZombies() {
        return restamping(MindEvent.Body.class);
    }

    /** A handover counts whenever it arrives. */
    static Fault honouringALateHandover() {
        return restamping(Handover.class);
    }

    private static Fault restamping(Class<? extends MindEvent.Body> kind) {
        return new Fault() {
            @Override
            MindEvent arrives(MindEvent truth, LogNode log) {
                String owner = log == null ? "" : log.owner(truth.lane());
                boolean isStale = truth.isDecision() && !owner.isEmpty() && !owner.equals(truth.stamp());
                return isStale && kind.isInstance(truth.body()) ? truth.stamped(owner, truth.at()) : truth;
            }
        };
    }

    /** What a predecessor says that it leaves to finish is not heard. */
    static Fault ignoringHandovers() {
        return new Fault() {
            @Override
            MindEvent arrives(MindEvent truth, LogNode log) {
                return truth.body() instanceof Handover handover
                        ? with(truth, new Handover(List.of(), handover.forMs()))
                        : truth;
            }
        };
    }

    /** A decision that does not count takes its effect out of the outbox all the same. */
    static Fault clearingTheOutboxByAnIgnoredDecision() {
        return new Fault() {
            @Override
            void distort(NavigableMap<Bytes, byte[]> entries, Records.Rec folded) {
                MindEvent event = folded.truth();
                byte[] partition = entries.get(key("mind\1p"));
                Memory.Fence owner =
                        Json.read(partition, Memory.Partition.class).of(event.lane());
                if (event.isDecision() && !owner.incarnation().equals(event.stamp())) {
                    entries.remove(key("outbox\1a\0" + folded.key() + "\0" + event.eventId()));
                }
            }
        };
    }

    /** The second answer to a step counts, for the step after it. */
    static Fault countingASecondAnswer() {
        return new Fault() {
            @Override
            MindEvent arrives(MindEvent truth, LogNode log) {
                if (truth.body() instanceof StepCompleted it && isAnswered(truth.runId(), it.step(), log)) {
                    return with(
                            truth,
                            new StepCompleted(
                                    it.step() + 1,
                                    it.attempt(),
                                    it.attempts(),
                                    it.content(),
                                    it.stopReason(),
                                    it.usage(),
                                    it.model(),
                                    it.nextSeq(),
                                    it.provider(),
                                    it.target()));
                }
                return truth;
            }
        };
    }

    private static boolean isAnswered(String run, int step, LogNode log) {
        for (LogNode node = log; node != null; node = node.before) {
            if (run.equals(node.record.truth().runId())
                    && node.record.truth().body() instanceof StepCompleted before
                    && before.step() == step) {
                return true;
            }
        }
        return false;
    }

    /** A run that has ended is not known any more. */
    static Fault forgettingFinishedRuns() {
        return distorting((key, value) -> {
            boolean hasEnded = key.startsWith(MEMORY + "r\0")
                    && !Json.read(value, Run.class).isOpen();
            return hasEnded ? null : value;
        });
    }

    /** A thread that has a run is taken for one that has none. */
    static Fault openingASecondRunOfAThread() {
        return distorting((key, value) -> {
            boolean isBusy = key.startsWith(MEMORY + "t\0")
                    && Json.read(value, Memory.ThreadHead.class).activeRun() != null;
            long turns = isBusy ? Json.read(value, Memory.ThreadHead.class).turns() : 0;
            return isBusy ? Json.write(new Memory.ThreadHead(turns, null)) : value;
        });
    }

    private interface Entry {
        /** What becomes of the entry; null to delete it. */
        byte[] changed(String key, byte[] value);
    }

    private static Fault distorting(Entry entry) {
        return new Fault() {
            @Override
            void distort(NavigableMap<Bytes, byte[]> entries, Records.Rec folded) {
                for (Bytes key : List.copyOf(entries.keySet())) {
                    byte[] value = entries.get(key);
                    byte[] changed = entry.changed(new String(key.get(), UTF_8), value);
                    if (changed == null) {
                        entries.remove(key);
                    } else if (changed != value) {
                        entries.put(key, changed);
                    }
                }
            }
        };
    }

    /** Attempts are numbered by what was committed, so that two may have one name. */
    static Fault namingAttemptsByACounterInTheStore() {
        return new Fault() {
            @Override
            Attempt attempt(long barrier, long n) {
                return new Attempt(0, n);
            }
        };
    }

    /** A decision is taken for written, and was not. */
    static Fault losingADecision() {
        return new Fault() {
            @Override
            MindEvent arrives(MindEvent truth, LogNode log) {
                return truth.body() instanceof MindEvent.RunOpened ? null : truth;
            }
        };
    }

    private static MindEvent with(MindEvent event, MindEvent.Body body) {
        return new MindEvent(
                event.version(),
                event.eventId(),
                event.at(),
                event.lane(),
                event.runId(),
                event.threadId(),
                event.origin(),
                event.stamp(),
                body);
    }

    private static Bytes key(String text) {
        return Bytes.wrap(text.getBytes(UTF_8));
    }
}
