package dev.noesis.llm.netty;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Where a call is at home: one event loop, on which all its steps are taken. It moves once, to the loop of the idle connection
 * that the call is given; what reaches the old loop is passed on to the present one.
 *
 * <p><b>Threading.</b> {@link #run} from any thread, all else on the loop.
 */
final class Home {
    private final Consumer<RuntimeException> faulty;
    private final Runnable orphaned;
    private volatile EventLoop loop;

    /**
     * @param faulty told, on the loop, what a step threw: a call ends in any case, also if we have a bug
     * @param orphaned told, on any thread, that there are no event loops any more
     */
    Home(EventLoop loop, Consumer<RuntimeException> faulty, Runnable orphaned) {
        this.loop = loop;
        this.faulty = faulty;
        this.orphaned = orphaned;
    }

    EventLoop loop() {
        return loop;
    }

    void move(EventLoop to) {
        loop = to;
    }

    /** Takes a step, soon: never before this returns. */
    void run(Runnable step) {
        EventLoop at = loop;
        try {
            at.execute(() -> {
                if (at == loop) {
                    take(step);
                } else {
                    run(step);
                }
            });
        } catch (RejectedExecutionException loopsEnded) {
            orphaned.run();
        }
    }

    /** Takes a step after that time, unless the future is cancelled before. */
    Future<?> later(Runnable step, long delayMs) {
        return loop.schedule(() -> run(step), delayMs, TimeUnit.MILLISECONDS);
    }

    private void take(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            faulty.accept(e);
        }
    }
}
