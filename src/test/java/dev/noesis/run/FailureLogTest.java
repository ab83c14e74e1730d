package dev.noesis.run;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailureLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("test.failures");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final FailureLog failures = new FailureLog(logger, nanos::get);

    @BeforeEach
    void listen() {
        lines.start();
        logger.addAppender(lines);
        logger.setAdditive(false);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(lines);
    }

    @Test
    void anOutageWritesALinePerKindAndTenSecondsAndCountsTheRest() {
        for (int second = 0; second < 25; second++) {
            for (int i = 0; i < 100; i++) {
                failures.warn(new TimeoutException("no answer"))
                        .addKeyValue("partition", 3)
                        .log("append failed");
            }
            failures.warn(new NotEnoughReplicasException("one is gone")).log("append failed");
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        }

        assertThat(of(TimeoutException.class)).hasSize(3);
        assertThat(of(NotEnoughReplicasException.class)).hasSize(3);
        assertThat(value(of(TimeoutException.class).getFirst(), "unsaid")).isNull();
        assertThat(value(of(TimeoutException.class).get(1), "unsaid")).isEqualTo(999L);
        assertThat(value(of(TimeoutException.class).get(1), "partition")).isEqualTo(3);
    }

    @Test
    void aStormOfMalformedRecordsIsOneLineInTenSeconds() {
        for (int i = 0; i < 1_000; i++) {
            failures.warn("poison").addKeyValue("offset", i).log("skipped a record");
        }
        nanos.addAndGet(Duration.ofSeconds(10).toNanos());
        failures.warn("poison").addKeyValue("offset", 1_000).log("skipped a record");

        assertThat(lines.list).extracting(line -> value(line, "offset")).containsExactly(0, 1_000);
        assertThat(value(lines.list.getLast(), "unsaid")).isEqualTo(999L);
    }

    private List<ILoggingEvent> of(Class<? extends Exception> kind) {
        return lines.list.stream()
                .filter(line -> String.valueOf(value(line, "error")).startsWith(kind.getName()))
                .toList();
    }

    private static Object value(ILoggingEvent line, String key) {
        return line.getKeyValuePairs().stream()
                .filter(pair -> pair.key.equals(key))
                .map(pair -> pair.value)
                .findFirst()
                .orElse(null);
    }
}
