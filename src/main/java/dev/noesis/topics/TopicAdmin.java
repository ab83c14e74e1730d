package dev.noesis.topics;

import dev.noesis.config.KafkaProperties;
import dev.noesis.model.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Makes a deployment's topics and checks them.
 *
 * <p>Each call opens a client of its own, blocks until the brokers have answered or the limit has passed, and closes it.
 *
 * <p><b>Threading.</b> Immutable. An interrupt ends a call with {@link InterruptException}.
 */
public final class TopicAdmin {
    private static final int MOST_REPLICAS = 3;
    private static final List<Lane> LANES = List.of(Lane.values());

    private final Map<String, String> kafka;
    private final Duration limit;

    /**
     * @param kafka properties of Kafka's clients, {@code bootstrap.servers} among them
     * @param limit longest wait for the brokers, of each request
     */
    public TopicAdmin(Map<String, String> kafka, Duration limit) {
        this.kafka = Map.copyOf(kafka);
        this.limit = limit;
    }

    /**
     * What {@link #create} did.
     *
     * @param made names of the topics that were made
     * @param existed names of those that were there before, and were left as they are
     * @param replicas of those that were made
     */
    public record Creation(List<String> made, List<String> existed, int partitions, int replicas) {}

    /**
     * Makes those topics that are not there; when it returns, the broker knows them all. Doing it again changes nothing.
     *
     * @param partitions of each topic
     * @param replicationFactor 0 means 3, or as many as there are brokers
     * @throws TopicException if no broker answers, one refuses, or a topic that is there has another partition count; then
     *     nothing is made
     */
    public Creation create(List<TopicSpec> specs, int partitions, int replicationFactor) {
        return ask(admin -> {
            Map<String, TopicDescription> found = describe(admin, names(specs));
            requirePartitions(partitions, specs, found);
            int replicas = replicas(admin, replicationFactor);
            List<NewTopic> missing = specs.stream()
                    .filter(spec -> !found.containsKey(spec.name()))
                    .map(spec ->
                            new NewTopic(spec.name(), partitions, (short) replicas).configs(spec.settings(replicas)))
                    .toList();
            var made = new ArrayList<String>();
            for (var result : admin.createTopics(missing).values().entrySet()) {
                if (succeeded(result.getValue())) {
                    made.add(result.getKey());
                }
            }
            // somebody else may have made some at the same time, with another count
            requirePartitions(partitions, specs, awaitKnown(admin, names(specs)));
            List<String> existed =
                    names(specs).stream().filter(name -> !made.contains(name)).toList();
            made.sort(null);
            return new Creation(List.copyOf(made), existed, partitions, replicas);
        });
    }

    /**
     * What a check found.
     *
     * @param problems empty where a worker may start
     * @param notes sentences about what is legal and may surprise later
     * @param partitions of each topic; 0 where there are problems
     */
    public record Report(List<TopicProblem> problems, List<String> notes, int partitions) {
        public Report {
            problems = List.copyOf(problems);
            notes = List.copyOf(notes);
        }

        /** @throws TopicException if there is a problem */
        public Report orThrow() {
            if (!problems.isEmpty()) {
                throw new TopicException(problems);
            }
            return this;
        }
    }

    /** What is wrong with a deployment's topics, and with what its lanes left. An unreachable broker is a problem like others. */
    public Report check(Topics topics) {
        return check(topics, LANES);
    }

    /** The same, looking at what these lanes left: what has become of another's is no reason for them not to start. */
    public Report check(Topics topics, Collection<Lane> lanes) {
        try {
            return ask(admin -> {
                var problems = new ArrayList<TopicProblem>();
                List<TopicSpec> specs = topics.specs();
                var names = new ArrayList<>(names(specs));
                lanes.forEach(lane -> names.add(topics.changelog(lane)));
                Map<String, TopicDescription> there = describe(admin, names);
                Map<String, TopicCheck.Found> found = found(admin, names(specs), there);
                problems.addAll(TopicCheck.compare(specs, found));
                int partitions = 0;
                if (problems.isEmpty()) {
                    partitions = found.values().iterator().next().partitions();
                    for (Lane lane : lanes) {
                        checkChangelog(admin, topics, lane, there.get(topics.changelog(lane)), partitions)
                                .ifPresent(problems::add);
                    }
                }
                return new Report(problems, TopicCheck.notes(specs, found), problems.isEmpty() ? partitions : 0);
            });
        } catch (TopicException e) {
            return new Report(e.problems(), List.of(), 0);
        }
    }

    private static Map<String, TopicCheck.Found> found(
            Admin admin, Collection<String> names, Map<String, TopicDescription> there)
            throws ExecutionException, InterruptedException {
        var present = names.stream().filter(there::containsKey).toList();
        Map<String, Map<String, String>> settings = settings(admin, present);
        var found = new HashMap<String, TopicCheck.Found>();
        for (String name : present) {
            int partitions =
                    Objects.requireNonNull(there.get(name)).partitions().size();
            found.put(name, new TopicCheck.Found(partitions, settings.getOrDefault(name, Map.of())));
        }
        return found;
    }

    /** The changelog remembers how many partitions there were, and that the lane has run at all. */
    private static Optional<TopicProblem> checkChangelog(
            Admin admin, Topics topics, Lane lane, @Nullable TopicDescription changelog, int partitions)
            throws ExecutionException, InterruptedException {
        String name = topics.changelog(lane);
        if (changelog == null) {
            String group = topics.applicationId(lane);
            return hasOffsets(admin, group)
                    ? Optional.of(new TopicProblem.ChangelogGone(name, group))
                    : Optional.empty();
        }
        int before = changelog.partitions().size();
        return before == partitions
                ? Optional.empty()
                : Optional.of(new TopicProblem.ChangedPartitions(name, before, partitions));
    }

    private static boolean hasOffsets(Admin admin, String group) throws ExecutionException, InterruptedException {
        try {
            return !admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .isEmpty();
        } catch (ExecutionException e) {
            // who may see the topics need not see the group
            if (e.getCause() instanceof GroupIdNotFoundException || e.getCause() instanceof AuthorizationException) {
                return false;
            }
            throw e;
        }
    }

    /**
     * How many partitions each of these topics has.
     *
     * @throws TopicException if no broker answers, one is missing, or they have not as many
     */
    public int partitions(Collection<String> topics) {
        return ask(admin -> {
            Map<String, TopicDescription> found = describe(admin, topics);
            List<String> missing = topics.stream()
                    .filter(name -> !found.containsKey(name))
                    .distinct()
                    .toList();
            if (!missing.isEmpty()) {
                throw new TopicException(new TopicProblem.Missing(missing));
            }
            var byCount = new TreeMap<Integer, List<String>>();
            found.forEach(
                    (name, topic) -> byCount.computeIfAbsent(topic.partitions().size(), _ -> new ArrayList<>())
                            .add(name));
            if (byCount.size() > 1) {
                throw new TopicException(new TopicProblem.UnequalPartitions(byCount));
            }
            return byCount.firstKey();
        });
    }

    private interface Question<T> {
        T put(Admin admin) throws ExecutionException, InterruptedException;
    }

    private <T> T ask(Question<T> question) {
        var properties = KafkaProperties.forAdmin(kafka);
        int millis = Math.toIntExact(limit.toMillis());
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis);
        try (Admin admin = Admin.create(properties)) {
            return question.put(admin);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException e) {
            throw new TopicException(problemOf(e.getCause() == null ? e : e.getCause()));
        } catch (KafkaException e) {
            throw new TopicException(problemOf(e));
        }
    }

    private TopicProblem problemOf(Throwable failure) {
        String servers = String.valueOf(kafka.get(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG));
        if (failure instanceof TimeoutException) {
            String security = kafka.getOrDefault(
                    AdminClientConfig.SECURITY_PROTOCOL_CONFIG, AdminClientConfig.DEFAULT_SECURITY_PROTOCOL);
            return new TopicProblem.Unreachable(servers, limit, security);
        }
        // a client that cannot be made says why in its innermost cause
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String reason = String.valueOf(root.getMessage());
        return reason.startsWith("No resolvable bootstrap urls")
                ? new TopicProblem.Unresolvable(servers)
                : new TopicProblem.Refused(servers, reason);
    }

    private static int replicas(Admin admin, int wanted) throws ExecutionException, InterruptedException {
        int brokers = admin.describeCluster().nodes().get().size();
        if (wanted > brokers) {
            throw new TopicException(new TopicProblem.TooFewBrokers(brokers, wanted));
        }
        return wanted == 0 ? Math.min(MOST_REPLICAS, brokers) : wanted;
    }

    /** False where somebody else was faster, which is as good. */
    private static boolean succeeded(KafkaFuture<Void> creation) throws ExecutionException, InterruptedException {
        try {
            creation.get();
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof TopicExistsException) {
                return false;
            }
            throw e;
        }
    }

    /** The controller has them at once; a broker learns of them a moment later, and a lane that starts in between fails. */
    private Map<String, TopicDescription> awaitKnown(Admin admin, List<String> names)
            throws ExecutionException, InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            try {
                return admin.describeTopics(names).allTopicNames().get();
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException) || System.nanoTime() - end > 0) {
                    throw e;
                }
            }
        }
    }

    /** One complaint for each count that is not the wanted one, not one for each topic that has it. */
    private static void requirePartitions(int wanted, List<TopicSpec> specs, Map<String, TopicDescription> topics) {
        var problems = new LinkedHashMap<Integer, TopicProblem>();
        for (TopicSpec spec : specs) {
            TopicDescription topic = topics.get(spec.name());
            if (topic != null && topic.partitions().size() != wanted) {
                int count = topic.partitions().size();
                problems.putIfAbsent(count, new TopicProblem.OtherPartitions(spec.name(), count, wanted));
            }
        }
        if (!problems.isEmpty()) {
            throw new TopicException(List.copyOf(problems.values()));
        }
    }

    /** The topics of those names that are there. */
    private static Map<String, TopicDescription> describe(Admin admin, Collection<String> names)
            throws ExecutionException, InterruptedException {
        var present = new HashSet<>(admin.listTopics().names().get());
        present.retainAll(names);
        return admin.describeTopics(present).allTopicNames().get();
    }

    private static Map<String, Map<String, String>> settings(Admin admin, Collection<String> names)
            throws ExecutionException, InterruptedException {
        List<ConfigResource> resources = names.stream()
                .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                .toList();
        var settings = new HashMap<String, Map<String, String>>();
        admin.describeConfigs(resources)
                .all()
                .get()
                .forEach((resource, config) -> settings.put(
                        resource.name(),
                        config.entries().stream()
                                .filter(entry -> entry.value() != null)
                                .collect(Collectors.toMap(ConfigEntry::name, ConfigEntry::value))));
        return settings;
    }

    private static List<String> names(List<TopicSpec> specs) {
        return specs.stream().map(TopicSpec::name).toList();
    }
}
