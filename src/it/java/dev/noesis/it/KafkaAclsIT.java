package dev.noesis.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.noesis.cli.Noesis;
import dev.noesis.config.ConfigLoader;
import dev.noesis.demo.EmbeddedBroker;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.model.Lane;
import dev.noesis.topics.Topics;
import dev.noesis.worker.Worker;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * Each role with the ACLs of {@code deploy/kafka-acls.md} and no others, on a broker that authorizes: everything a deployment
 * does can be done, and a lane that lacks one says so and stops.
 */
@Timeout(180)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KafkaAclsIT {
    private static final String SUPER_USER = "root";
    private static final String OPERATOR = "operator";
    private static final List<String> CLIENTS = List.of("chat", "scheduler", "sensor", "human");
    private static final int PARTITIONS = 2;

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private EmbeddedBroker broker;
    private ScriptedModelServer model;
    private AclPage page;

    @TempDir
    private Path files;

    @BeforeAll
    void start() throws IOException {
        page = AclPage.read();
        model = ScriptedModelServer.start(ScriptedModelServer.Options.defaults().instant());
        broker = EmbeddedBroker.start(EmbeddedBroker.Options.defaults()
                .withProperties(Map.of(
                        "listener.security.protocol.map",
                        "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT",
                        "sasl.enabled.mechanisms",
                        "PLAIN",
                        "sasl.mechanism.inter.broker.protocol",
                        "PLAIN",
                        "listener.name.plaintext.plain.sasl.jaas.config",
                        login(SUPER_USER)
                                .replace(
                                        ";",
                                        users().map(user -> " user_%s=\"%s\"".formatted(user, password(user)))
                                                        .collect(Collectors.joining())
                                                + ";"),
                        "authorizer.class.name",
                        "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                        // the controller's listener, which is of loopback and of this process
                        "super.users",
                        "User:ANONYMOUS;User:" + SUPER_USER)));
    }

    @AfterAll
    void stop() {
        broker.close();
        model.close();
    }

    @Test
    void whatThePageGivesIsEnoughForEveryRole() throws Exception {
        Principals roles = new Principals("enough");
        roles.allow(everything(roles).toList());
        Topics topics = roles.topics();
        assertThat(roles.run(OPERATOR, "topics", "create", "--set", "topics.partitions=" + PARTITIONS))
                .contains("12 made");

        try (Worker chat = roles.worker(Lane.CHAT);
                Worker heartbeat = roles.worker(Lane.HEARTBEAT)) {
            Deployment.awaitReady(chat);
            Deployment.awaitReady(heartbeat);

            assertThat(roles.run("chat", "chat", "--agent", "ada", "Please remember that the ferry leaves at nine."))
                    .contains("ferry");
            roles.run("sensor", "signal", "--agent", "ada", "--urgency", "high", "the ferry is late");
            String outcome;
            int ticks = 0;
            do {
                // signals and ticks are two topics: a tick may be decided before the signal has come
                outcome = roles.run("scheduler", "tick", "--agent", "ada");
            } while (outcome.contains("no_findings") && ++ticks < 20);
            assertThat(outcome).startsWith("notified");
            assertThat(roles.read("human", topics.agentAttention())).contains("ferry");

            // what a lane writes for records that are not as they should be
            roles.send("chat", topics.chatRequests(), "ada", "no JSON at all");
            roles.send("sensor", topics.agentSignals(), "ada", "no JSON at all");
            assertThat(roles.read(OPERATOR, topics.chatDlq())).contains("no JSON");
            assertThat(roles.read(OPERATOR, topics.heartbeatDlq())).contains("no JSON");
            for (int partition = 0; partition < PARTITIONS; partition++) {
                // one of them is not bob's
                String run = "to-" + partition;
                String request =
                        Inputs.chat("t-" + run, run, "Tell me about the sea.").toString();
                roles.sendTo(partition, "chat", topics.chatRequests(), "bob", request);
                roles.awaitRead("chat", topics.chatReplies(), run);
            }

            roles.run(OPERATOR, "heartbeat", "schedule", "--agent", "ada", "--every", "1h", "--active", "08:00-20:00");
            String status;
            int looks = 0;
            do {
                // each look folds the log, which takes its time
                status = roles.run(OPERATOR, "heartbeat", "status", "--agent", "ada");
            } while (status.contains("no schedule") && ++looks < 50);
            assertThat(status).contains("every PT1H", "from 08:00 to 20:00", "next due", "spent today");

            assertThat(roles.run(OPERATOR, "topics", "check")).contains("as they should be");
            assertThat(roles.run(OPERATOR, "mind", "show", "--agent", "ada")).contains("ferry");
            roles.run(OPERATOR, "mind", "verify", "--agent", "ada");
            assertThat(roles.run(OPERATOR, "check")).contains("every promise");
            roles.run(OPERATOR, "mind", "delete", "--agent", "ada", "--yes");
        }
    }

    @Test
    void whatThePageDoesNotGiveIsRefused() throws Exception {
        Principals roles = new Principals("refused");
        roles.allow(everything(roles).toList());
        roles.run(OPERATOR, "topics", "create", "--set", "topics.partitions=" + PARTITIONS);

        for (String client : CLIENTS) {
            assertThatThrownBy(() -> roles.send(client, roles.topics().mindLog(), "ada", "{}"))
                    .hasRootCauseInstanceOf(TopicAuthorizationException.class);
            assertThatThrownBy(() -> roles.read(client, roles.topics().mindLog()))
                    .isInstanceOf(TopicAuthorizationException.class);
        }
    }

    @Test
    void aLaneThatMayNotWriteTheLogSaysSoAndStops() throws Exception {
        Principals roles = new Principals("readers");
        String log = roles.topics().mindLog();
        roles.allow(everything(roles)
                .filter(acl -> !(acl.pattern().name().equals(log) && acl.entry().operation() == AclOperation.WRITE))
                .toList());
        roles.run(OPERATOR, "topics", "create", "--set", "topics.partitions=" + PARTITIONS);

        try (Worker chat = roles.worker(Lane.CHAT)) {
            assertThat(chat.failed())
                    .succeedsWithin(LIMIT)
                    .asString()
                    .startsWith("the broker refuses to let the chat lane write to " + log)
                    .containsIgnoringCase("not authorized");
        }
    }

    private Stream<AclBinding> everything(Principals roles) {
        Stream<AclBinding> lanes = Stream.of(Lane.values())
                .flatMap(lane -> Stream.concat(
                                page.of("Worker, " + lane.id() + " lane", "").stream(),
                                page.of("Every worker, whatever its lanes", "").stream())
                        .flatMap(rule -> rule.bindings(roles.deployment, user(lane))));
        Stream<AclBinding> clients = CLIENTS.stream()
                .flatMap(client ->
                        page.of("Clients", client).stream().flatMap(rule -> rule.bindings(roles.deployment, client)));
        Stream<AclBinding> operators =
                page.of("Operators", "").stream().flatMap(rule -> rule.bindings(roles.deployment, OPERATOR));
        return Stream.of(lanes, clients, operators).flatMap(acls -> acls);
    }

    private static Stream<String> users() {
        return Stream.of(
                        Stream.of(SUPER_USER, OPERATOR),
                        CLIENTS.stream(),
                        Stream.of(Lane.values()).map(KafkaAclsIT::user))
                .flatMap(users -> users);
    }

    private static String user(Lane lane) {
        return lane.id() + "_lane";
    }

    private static String password(String user) {
        return "secret of " + user;
    }

    private static String login(String user) {
        return "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\" password=\"%s\";"
                .formatted(user, password(user));
    }

    private Map<String, String> credentials(String user) {
        return Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                login(user));
    }

    /** A deployment, and everybody in it by the name that the broker knows. */
    private final class Principals {
        private final String deployment;

        Principals(String deployment) {
            this.deployment = deployment;
        }

        Topics topics() {
            return new Topics(deployment);
        }

        void allow(Collection<AclBinding> acls) throws Exception {
            try (Admin admin = Admin.create(Map.copyOf(credentials(SUPER_USER)))) {
                admin.createAcls(acls).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
                // the controller has them; the broker goes by what it has heard of that
                await().atMost(LIMIT)
                        .until(() -> admin.describeAcls(AclBindingFilter.ANY)
                                .values()
                                .get(LIMIT.toSeconds(), TimeUnit.SECONDS)
                                .containsAll(acls));
            }
        }

        private Map<String, String> settings(String user) {
            Map<String, String> settings = new HashMap<>();
            credentials(user)
                    .forEach((key, value) ->
                            settings.put(key.equals("bootstrap.servers") ? key : "kafka." + key, value));
            settings.put("deployment", deployment);
            return settings;
        }

        Worker worker(Lane lane) {
            Map<String, String> settings = settings(user(lane));
            settings.put("lanes", lane.id());
            settings.put("http.port", "-1");
            settings.put(
                    "state.dir", files.resolve(deployment + "-" + lane.id()).toString());
            settings.put("llm.base.url", model.baseUrl().toString());
            return Worker.start(ConfigLoader.load(settings));
        }

        /** What a command of {@code noesis} prints, done as that user. */
        String run(String user, String... arguments) throws IOException {
            Properties settings = new Properties();
            settings.putAll(settings(user));
            Path file = files.resolve(deployment + "-" + user + ".properties");
            try (Writer writer = Files.newBufferedWriter(file, StandardCharsets.UTF_8)) {
                settings.store(writer, null);
            }
            List<String> all = new ArrayList<>(List.of(arguments));
            all.addAll(List.of("--config", file.toString()));
            StringWriter out = new StringWriter();
            StringWriter err = new StringWriter();
            CommandLine noesis =
                    Noesis.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
            assertThat(noesis.execute(all.toArray(String[]::new)))
                    .as("%s as %s: %s%s", all, user, out, err)
                    .isZero();
            return out.toString();
        }

        void send(String user, String topic, String key, String value) throws Exception {
            send(user, new ProducerRecord<>(topic, key, value));
        }

        void sendTo(int partition, String user, String topic, String key, String value) throws Exception {
            send(user, new ProducerRecord<>(topic, partition, key, value));
        }

        private void send(String user, ProducerRecord<String, String> record)
                throws ExecutionException, InterruptedException {
            try (var producer = new KafkaProducer<>(
                    Map.<String, Object>copyOf(credentials(user)), new StringSerializer(), new StringSerializer())) {
                producer.send(record).get();
            }
        }

        /** Reads a topic from its beginning, in no group, until something has come. */
        String read(String user, String topic) {
            return awaitRead(user, topic, "");
        }

        String awaitRead(String user, String topic, String text) {
            Map<String, Object> config = new HashMap<>(credentials(user));
            config.put("auto.offset.reset", "earliest");
            config.put("isolation.level", "read_committed");
            List<TopicPartition> partitions = Stream.iterate(0, partition -> partition + 1)
                    .limit(PARTITIONS)
                    .map(partition -> new TopicPartition(topic, partition))
                    .toList();
            StringBuilder found = new StringBuilder();
            try (var consumer = new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
                consumer.assign(partitions);
                long end = System.nanoTime() + LIMIT.toNanos();
                while (System.nanoTime() < end && (found.isEmpty() || found.indexOf(text) < 0)) {
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                        found.append(record.value()).append('\n');
                    }
                }
            }
            assertThat(found).contains(text);
            return found.toString();
        }
    }
}
