package dev.noesis.cli;

import dev.noesis.config.NoesisConfig;
import dev.noesis.demo.ScriptedModelServer;
import dev.noesis.topics.Topics;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.IsolationLevel;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What the demo shows, page by page. It is a client like any other: all it does goes through the topics. */
final class Tour {
    private static final int DELTAS_BEFORE_CANCEL = 25;
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final NoesisConfig config;
    private final Topics topics;
    private final TourPages pages;
    private final @Nullable ScriptedModelServer model;

    /** @param model null where a real one answers, whose calls nobody here counts */
    Tour(NoesisConfig config, TourPages pages, @Nullable ScriptedModelServer model) {
        this.config = config;
        this.topics = new Topics(config.deployment());
        this.pages = pages;
        this.model = model;
    }

    void run() throws InterruptedException {
        try (ChatClient ada = ChatClient.open(config.kafka(), topics, "ada", LIMIT);
                ChatClient bob = ChatClient.open(config.kafka(), topics, "bob", LIMIT)) {
            twoAtOnce(ada, bob);
            memory(ada);
            cancel(bob);
            heartbeat();
            attention(ada);
        }
        log();
    }

    private void twoAtOnce(ChatClient ada, ChatClient bob) throws InterruptedException {
        pages.page(
                "Two agents are asked at once, and both answers stream",
                "Requests are records; any Kafka client can write them. No answer waits for another.");
        long begun = System.nanoTime();
        var adaLines = new PhraseLines(pages, "ada", begun);
        var bobLines = new PhraseLines(pages, "bob", begun);
        ChatClient.Run one = asked(ada, "ada", "harbour", "Tell me about the sea.", adaLines);
        ChatClient.Run two = asked(bob, "bob", "summit", "Tell me about the mountains.", bobLines);
        ChatReply adaReply = reply(one);
        adaLines.end();
        ChatReply bobReply = reply(two);
        bobLines.end();
        pages.note("ada " + outcome(adaReply) + ", bob " + outcome(bobReply));
    }

    private void memory(ChatClient ada) throws InterruptedException {
        pages.page(
                "A fact told in one thread is recalled in another",
                "The model asks for tools; what they write to memory counts when it stands in the log.");
        stream(ada, "ada", "harbour", "Please remember that the spare key is under the blue pot.");
        stream(ada, "ada", "garden", "What do you know about the spare key?");
    }

    private void cancel(ChatClient bob) throws InterruptedException {
        pages.page(
                "A run is cancelled in mid-answer",
                "A cancel is a record as well, ordered behind the request that it ends. One reply comes, and says so.");
        long begun = System.nanoTime();
        var lines = new PhraseLines(pages, "bob", begun);
        var speaking = new CountDownLatch(DELTAS_BEFORE_CANCEL);
        ChatClient.Run run = asked(bob, "bob", "summit", "Tell me a long story.", update -> {
            lines.updated(update);
            if (update instanceof ChatUpdate.Text) {
                speaking.countDown();
            }
        });
        if (!speaking.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            throw new CommandException("the answer did not begin within " + LIMIT.toSeconds() + " s");
        }
        run.cancel("enough");
        ChatReply reply = reply(run);
        lines.end();
        pages.note("bob " + outcome(reply));
    }

    private void heartbeat() {
        pages.page(
                "A signal waits until a heartbeat finds it",
                "The heartbeat lane has its own threads, connections and permits: it cannot keep a chat waiting.");
        var client = new HeartbeatClient(config.kafka(), topics, "ada", LIMIT);
        client.signal("backup", "the nightly backup failed twice", HeartbeatClient.Urgency.HIGH, true);
        pages.result("signal    backup: the nightly backup failed twice (high)");
        tick(client);
        tick(client);
    }

    private void attention(ChatClient ada) throws InterruptedException {
        pages.page(
                "What the heartbeat noticed is told in the next conversation",
                "It stands in the context, labelled as the heartbeat's own: never as something that the user said.");
        stream(ada, "ada", "morning", "Good morning! Anything I should know?");
    }

    private void tick(HeartbeatClient client) {
        long before = calls();
        JsonNode outcome = client.tick(LIMIT)
                .orElseThrow(() -> new CommandException("no outcome came within " + LIMIT.toSeconds() + " s"));
        long made = calls() - before;
        String cost = model == null ? "" : ", " + (made == 1 ? "1 model call" : made + " model calls");
        String skipped = outcome.path("skipReason").asString("");
        pages.result("tick      " + outcome.path("status").asString("")
                + (skipped.isEmpty() ? "" : " (" + skipped + ")") + cost);
        for (JsonNode finding : outcome.path("findings")) {
            pages.note("  finding " + finding.path("fingerprint").asString("") + " → "
                    + finding.path("decision").asString("")
                    + (finding.path("text").isString()
                            ? ": " + finding.path("text").asString("")
                            : ""));
        }
    }

    private long calls() {
        return model == null ? 0 : model.calls();
    }

    private void log() {
        pages.page(
                "All of it stands in one log",
                "mind.log is what both lanes fold into ada's memory; everything else can be built anew from it.");
        String topic = topics.mindLog();
        ZoneId zone = ZoneId.systemDefault();
        try (var log = AgentReader.fromBeginning(
                config.kafka(), topic, "ada", config.partitions(), IsolationLevel.READ_UNCOMMITTED)) {
            long end = log.end();
            while (!log.hasRead(end)) {
                log.poll(Duration.ofMillis(200))
                        .forEach(record ->
                                pages.result(MindLine.of(record.offset(), record.timestamp(), record.value(), zone)));
            }
        }
    }

    private ChatClient.Run asked(ChatClient client, String agent, String thread, String text, ChatListener listener) {
        pages.asked(agent, thread, text);
        return client.send(thread, text, listener);
    }

    private void stream(ChatClient client, String agent, String thread, String text) throws InterruptedException {
        pages.asked(agent, thread, text);
        var terminal = new ChatTerminal(pages.writer(), pages.writer(), pages.colour());
        terminal.ended(reply(client.send(thread, text, terminal)));
        pages.blank();
    }

    private static ChatReply reply(ChatClient.Run run) throws InterruptedException {
        try {
            return run.reply().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new CommandException("no reply came within " + LIMIT.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw new CommandException("the reply is lost: " + e.getMessage(), e);
        }
    }

    private static String outcome(ChatReply reply) {
        return switch (reply) {
            case ChatReply.Finished finished ->
                finished.outcome() + (finished.reason() == null ? "" : " (" + finished.reason() + ")");
            case ChatReply.Failed failed -> failed.code() + ": " + failed.message();
            case ChatReply.AlreadyEnded ended -> ended.outcome();
        };
    }
}
