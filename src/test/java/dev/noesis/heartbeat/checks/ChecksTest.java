package dev.noesis.heartbeat.checks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import dev.noesis.config.CheckConfig;
import dev.noesis.config.ConfigLoader;
import dev.noesis.config.ConfigurationException;
import dev.noesis.model.Finding.Urgency;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ChecksTest {
    private static final String PACKAGE = "dev.noesis.heartbeat.checks.ChecksTest$";

    /** As a user writes one. */
    public static class Disk implements Check {
        @Override
        public String name() {
            return "disk";
        }

        @Override
        public Duration every() {
            return Duration.ofMinutes(7);
        }

        @Override
        public Duration timeout() {
            return Duration.ofSeconds(3);
        }

        @Override
        public boolean isUrgent() {
            return true;
        }

        @Override
        public List<Found> look(View view) {
            return List.of(new Found("sda1", "disk", "The disk is full", Urgency.HIGH, true, null));
        }
    }

    /** Has another class, and the same name. */
    public static class OtherDisk extends Disk {}

    /** Takes the name of one that is built in. */
    public static class Signals extends Disk {
        @Override
        public String name() {
            return "signals";
        }
    }

    public static class BadName extends Disk {
        @Override
        public String name() {
            return "Disk!";
        }
    }

    public static class Nameless extends Disk {
        @Override
        public String name() {
            return null;
        }
    }

    public static class Restless extends Disk {
        @Override
        public Duration every() {
            return Duration.ZERO;
        }
    }

    public static class WithParameters extends Disk {
        public WithParameters(String parameter) {}
    }

    public static class Private extends Disk {
        private Private() {}
    }

    public abstract static class Unfinished extends Disk {}

    public static class Throwing extends Disk {
        public Throwing() {
            throw new IllegalStateException("no disk");
        }
    }

    public static class NotLoading extends Disk {
        static final Object NONE = fail();

        private static Object fail() {
            throw new IllegalStateException("no class");
        }
    }

    /** Says another name each time. */
    public static class Fickle extends Disk {
        private final AtomicInteger asked = new AtomicInteger();

        @Override
        public String name() {
            return "fickle" + asked.incrementAndGet();
        }
    }

    public static class NoCheck {}

    @Test
    void withoutConfigurationThereAreSignalsAndFailures() {
        try (Checks checks = checks(Map.of())) {
            assertThat(checks.signals()).isTrue();
            assertThat(checks.all()).extracting(Check::name).containsExactly("failures");
            assertThat(checks.names()).containsExactly("signals", "failures");
        }
    }

    @Test
    void builtInChecksComeInTheOrderOfConfiguration() {
        try (Checks checks = checks(Map.of("heartbeat.checks", "self, failures,health"))) {
            assertThat(checks.signals()).isFalse();
            assertThat(checks.all())
                    .extracting(Check::name, Check::every, Check::timeout, Check::blocks, Check::seesAll)
                    .containsExactly(
                            tuple("self", Duration.ofMinutes(30), Duration.ofSeconds(10), false, true),
                            tuple("failures", Duration.ofMinutes(1), Duration.ofSeconds(10), false, false),
                            tuple("health", Duration.ofHours(1), Duration.ofSeconds(10), false, true));
            assertThat(checks.named("self")).isSameAs(checks.all().getFirst());
            assertThat(checks.named("signals")).isNull();
            assertThat(checks.names()).containsExactly("self", "failures", "health");
        }
    }

    @Test
    void aWorkerMayHaveNone() {
        try (Checks checks = checks(Map.of("heartbeat.checks", ""))) {
            assertThat(checks.signals()).isFalse();
            assertThat(checks.all()).isEmpty();
        }
    }

    @Test
    void timesAreThoseOfConfigurationWhereItHasAny() {
        try (Checks checks = checks(Map.of(
                "heartbeat.checks",
                "failures," + PACKAGE + "Disk",
                "heartbeat.check.failures.every.ms",
                "60001",
                "heartbeat.check." + PACKAGE + "Disk.timeout.ms",
                "77"))) {
            assertThat(checks.all())
                    .extracting(Check::every, Check::timeout)
                    .containsExactly(
                            tuple(Duration.ofMillis(60_001), Duration.ofSeconds(10)),
                            tuple(Duration.ofMinutes(7), Duration.ofMillis(77)));
        }
    }

    @Test
    void aClassIsACheckUnderItsOwnName() {
        try (Checks checks = checks(Map.of("heartbeat.checks", "signals," + PACKAGE + "Disk"))) {
            Check disk = checks.named("disk");

            assertThat(disk).isNotNull();
            assertThat(disk.isUrgent()).isTrue();
            assertThat(disk.blocks()).isTrue();
            assertThat(Looks.look("k", disk, Views.EMPTY).found())
                    .extracting(Found::id)
                    .containsExactly("sda1");
        }
    }

    @Test
    void aCheckCannotChangeWhatItSaidOfItself() {
        try (Checks checks = checks(Map.of("heartbeat.checks", PACKAGE + "Fickle"))) {
            Check fickle = checks.all().getFirst();

            assertThat(fickle.name()).isEqualTo("fickle1");
            assertThat(fickle.name()).isEqualTo("fickle1");
        }
    }

    @Test
    void aNameThatIsDescribedByAUrlIsAnHttpCheck() {
        try (Checks checks = checks(Map.of(
                "heartbeat.checks", "invoices", "heartbeat.check.invoices.url", "http://localhost/of/{agent}"))) {
            assertThat(checks.all())
                    .singleElement()
                    .isInstanceOf(HttpCheck.class)
                    .returns("invoices", Check::name)
                    .returns(Duration.ofMinutes(5), Check::every)
                    .returns(Duration.ofSeconds(10), Check::timeout)
                    .returns(true, Check::blocks);
        }
    }

    @Test
    void aClassThatCannotBeUsedIsNamedWithTheReason() {
        assertProblem("com.example.Missing", "there is no such class on the class path");
        assertProblem(PACKAGE + "NoCheck", "it does not implement dev.noesis.heartbeat.checks.Check");
        String shape = "it has to be a public class with a public constructor without parameters, and not abstract";
        assertProblem(PACKAGE + "WithParameters", shape);
        assertProblem(PACKAGE + "Private", shape);
        assertProblem(PACKAGE + "Unfinished", shape);
        assertProblem("dev.noesis.heartbeat.checks.Check", shape);
        assertProblem(PACKAGE + "Throwing", "its constructor failed: java.lang.IllegalStateException: no disk");
        assertProblem(PACKAGE + "NotLoading", "it failed: java.lang.ExceptionInInitializerError");
        assertProblem(PACKAGE + "BadName", "its name is not 1 to 64 characters of a-z, 0-9, '.', '_' and '-'");
        assertProblem(PACKAGE + "Nameless", "it failed: java.lang.NullPointerException");
        assertProblem(PACKAGE + "Restless", "how often it looks, and how long, must be more than nothing");
        assertProblem(PACKAGE + "Signals", "its name, signals, is that of a built-in check");
    }

    @Test
    void twoChecksOfOneNameAreRefused() {
        assertThatThrownBy(() -> checks(Map.of("heartbeat.checks", PACKAGE + "Disk," + PACKAGE + "OtherDisk")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage("heartbeat.checks names " + PACKAGE
                        + "OtherDisk, which cannot be used: there is another check with its name, disk");
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        assertThatThrownBy(() -> checks(Map.of("heartbeat.checks", "a.B,c.D,failures")))
                .isInstanceOfSatisfying(
                        ConfigurationException.class,
                        e -> assertThat(e.problems()).hasSize(2));
    }

    private static void assertProblem(String name, String why) {
        assertThatThrownBy(() -> checks(Map.of("heartbeat.checks", name)))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageStartingWith("heartbeat.checks names " + name + ", which cannot be used: " + why);
    }

    private static Checks checks(Map<String, String> settings) {
        List<CheckConfig> configured =
                ConfigLoader.load(new HashMap<>(settings)).beat().checks();
        return Checks.of(configured);
    }
}
