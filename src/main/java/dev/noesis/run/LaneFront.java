package dev.noesis.run;

import dev.noesis.mind.Folded;
import dev.noesis.mind.Run;
import dev.noesis.model.MindEvent;
import org.jspecify.annotations.Nullable;

/**
 * What a lane adds to the kernel: how it takes its inputs, and what it tells the world. One for each task; StreamThread
 * only; pure but for the desk it is given.
 */
public interface LaneFront {
    /** Takes an input. Called only while the task owns its partition, each input once, in the order of arrival. */
    void accept(Input input);

    /**
     * Answers an input that is too large to be kept in a store. Called at once, also before the task owns its partition: it may
     * write to sinks, and decide nothing.
     *
     * @param knows whether the task owns its partition, and the input stands in its key's: otherwise nobody can say here whether
     *     it names a run that there is
     */
    void tooLarge(Input input, boolean knows);

    /** A run of this lane was opened, moved or ended. Its effects are seen to already. */
    void runMoved(String agent, @Nullable Run before, Run after, MindEvent event);

    /** Any other event was folded, of either lane, or a run's event that changed nothing. */
    void folded(String agent, MindEvent event, Folded folded);

    /** The task has come to own its partition: what was decided before is known, and what waits may go on. */
    void recovered();

    /** When there is something to do that no record comes for, epoch milliseconds; {@link Long#MAX_VALUE} for never. */
    long dueAt();

    /** Does what is due, or some of it. Called when that time has come, every second at most, while the task owns its partition. */
    void takeDue();

    /** Called after each record while the task owns its partition: admits what may begin now. */
    void admit();

    /** The task is closed: what it does on other threads ends. Nothing is called any more. */
    default void close() {}
}
