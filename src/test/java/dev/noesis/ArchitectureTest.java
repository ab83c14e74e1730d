package dev.noesis;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitCallTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The architecture as the build checks it: which way imports may go, and what only some packages may touch. */
class ArchitectureTest {
    private static final String ROOT = "dev.noesis.";

    private static final JavaClasses PRODUCTION = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.noesis");

    /** Each package with those it may import. A package that is not named here may not be imported, and may not exist. */
    private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
            Map.entry("model", Set.of()),
            Map.entry("config", Set.of("model")),
            Map.entry("telemetry", Set.of("model", "config")),
            Map.entry("serde", Set.of("model")),
            Map.entry("topics", Set.of("model", "config")),
            Map.entry("llm", Set.of("model")),
            Map.entry("llm.wire", Set.of("model", "llm")),
            Map.entry("llm.anthropic", Set.of("model", "config", "llm", "llm.wire")),
            Map.entry("llm.openai", Set.of("model", "config", "llm", "llm.wire")),
            Map.entry(
                    "llm.netty",
                    Set.of("model", "config", "telemetry", "llm", "llm.wire", "llm.anthropic", "llm.openai")),
            Map.entry("mind", Set.of("model", "serde")),
            Map.entry("check", Set.of("model", "config", "serde", "topics", "mind")),
            Map.entry("tool", Set.of("model", "serde", "mind")),
            Map.entry("run", Set.of("model", "config", "telemetry", "serde", "topics", "llm", "mind", "tool")),
            Map.entry("chat", Set.of("model", "config", "telemetry", "serde", "topics", "llm", "mind", "tool", "run")),
            Map.entry("heartbeat.checks", Set.of("model", "config", "serde", "mind")),
            Map.entry(
                    "heartbeat",
                    Set.of(
                            "model",
                            "config",
                            "telemetry",
                            "serde",
                            "topics",
                            "llm",
                            "mind",
                            "tool",
                            "run",
                            "heartbeat.checks")),
            Map.entry(
                    "worker",
                    Set.of(
                            "model",
                            "config",
                            "telemetry",
                            "serde",
                            "topics",
                            "llm",
                            "llm.anthropic",
                            "llm.openai",
                            "llm.netty",
                            "mind",
                            "tool",
                            "run",
                            "chat",
                            "heartbeat",
                            "heartbeat.checks")),
            Map.entry("demo", Set.of("model", "config", "topics", "llm")),
            Map.entry(
                    "cli",
                    Set.of(
                            "model",
                            "config",
                            "telemetry",
                            "serde",
                            "topics",
                            "llm",
                            "llm.anthropic",
                            "llm.openai",
                            "llm.netty",
                            "mind",
                            "tool",
                            "run",
                            "chat",
                            "heartbeat",
                            "heartbeat.checks",
                            "worker",
                            "demo",
                            "check")));

    static Stream<String> packages() {
        return ARROWS.keySet().stream().sorted();
    }

    @ParameterizedTest
    @MethodSource("packages")
    void aPackageImportsOnlyWhatItMay(String name) {
        var known = new ArrayList<>(List.of(ROOT + name));
        ARROWS.get(name).forEach(other -> known.add(ROOT + other));
        check(noClasses()
                .that()
                .resideInAPackage(ROOT + name)
                .should()
                .dependOnClassesThat(resideInAPackage("dev.noesis..")
                        .and(not(resideInAnyPackage(known.toArray(String[]::new))))
                        .as("stand in packages other than %s", ARROWS.get(name)))
                .because("the arrows between packages point one way"));
    }

    @Test
    void everyPackageHasItsPlace() {
        assertThat(packageNames()).isSubsetOf(ARROWS.keySet());
    }

    @Test
    void packagesHaveNoCycles() {
        check(slices().matching("dev.noesis.(**)").should().beFreeOfCycles());
    }

    @Test
    void onlyTheModelClientAndTheDemoKnowNetty() {
        onlyIn(List.of("llm.netty", "demo"), "io.netty..");
    }

    @Test
    void onlyTopologiesKnowKafkaStreams() {
        onlyIn(List.of("mind", "run", "chat", "heartbeat", "worker"), "org.apache.kafka.streams..");
    }

    @Test
    void onlyTheDemoKnowsTheBroker() {
        onlyIn(
                List.of("demo"),
                "kafka..",
                "org.apache.kafka.controller..",
                "org.apache.kafka.coordinator..",
                "org.apache.kafka.image..",
                "org.apache.kafka.metadata..",
                "org.apache.kafka.raft..",
                "org.apache.kafka.server..",
                "org.apache.kafka.storage..");
    }

    @Test
    void nothingWaitsWhereWaitingStopsALane() {
        check(noClasses()
                .that()
                .resideInAnyPackage(ROOT + "run..", ROOT + "chat..", ROOT + "heartbeat..", ROOT + "llm..")
                .should()
                .accessTargetWhere(waits())
                .because("a StreamThread or an event loop would stand still, and with it everything it serves"));
    }

    /**
     * What waits or measures goes by {@link System#nanoTime}: a wall clock is set back and forward. Epoch milliseconds are for
     * what others said in them, or read.
     */
    @Test
    void noLimitOfTheModelClientGoesByTheWallClock() {
        check(
                noClasses()
                        .that()
                        .resideInAPackage(ROOT + "llm..")
                        .and()
                        .doNotHaveSimpleName("Exchange")
                        .should()
                        .callMethod(System.class, "currentTimeMillis")
                        .orShould()
                        .callMethod(Instant.class, "now")
                        .because(
                                "a clock that is set would end calls, or never end them; Exchange reads what headers say in wall time"));
    }

    @Test
    void everyPackageIsNullMarked() {
        assertThat(packageNames())
                .allSatisfy(
                        name -> assertThat(PRODUCTION.getPackage(ROOT + name).isAnnotatedWith(NullMarked.class))
                                .as("package-info of %s says @NullMarked", name)
                                .isTrue());
    }

    @Test
    void thereIsNoStaticMutableState() {
        check(fields().that().areStatic().should().beFinal());
    }

    private static void onlyIn(List<String> homes, String... foreign) {
        var inside = homes.stream().map(home -> ROOT + home + "..").toArray(String[]::new);
        check(noClasses()
                .that()
                .resideOutsideOfPackages(inside)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(foreign));
    }

    /** A call that stands until something else has happened; those with a limit of time are left to review. */
    private static DescribedPredicate<JavaAccess<?>> waits() {
        return describe("waits for something else to happen", access -> {
            if (!(access.getTarget() instanceof CodeUnitCallTarget call)) {
                return false;
            }
            JavaClass owner = call.getOwner();
            return switch (call.getName()) {
                case "sleep" -> owner.isEquivalentTo(Thread.class) || owner.isEquivalentTo(TimeUnit.class);
                case "join" ->
                    assignableTo(Future.class).or(assignableTo(Thread.class)).test(owner);
                case "get" -> assignableTo(Future.class).test(owner);
                case "await", "awaitUninterruptibly", "sync", "syncUninterruptibly" ->
                    call.getRawParameterTypes().isEmpty()
                            && (owner.isEquivalentTo(CountDownLatch.class)
                                    || assignableTo(Future.class).test(owner));
                default -> false;
            };
        });
    }

    /** Empty packages are no failure: a rule holds for what is there. */
    private static void check(ArchRule rule) {
        rule.allowEmptyShould(true).check(PRODUCTION);
    }

    private static List<String> packageNames() {
        return PRODUCTION.stream()
                .map(JavaClass::getPackage)
                .map(JavaPackage::getName)
                .distinct()
                .filter(name -> name.startsWith(ROOT))
                .map(name -> name.substring(ROOT.length()))
                .toList();
    }
}
