package dev.noesis.demo;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers when no script does: a talker of few skills that uses the tools it is offered, so that an agent behind it
 * really remembers. The same request always gets the same answer.
 *
 * <ul>
 *   <li>"remember that …", "note that …", "my … is …": calls {@code learn_fact}, then confirms what it stored;
 *   <li>"what do you know about …", "what is my …", "do you remember …": calls {@code recall}, then quotes the
 *       result;
 *   <li>findings, where {@code heartbeat_respond} is offered: decides each of them, high urgency {@code notify}, others
 *       {@code acknowledge};
 *   <li>"anything I should know?", "any news?": says what the heartbeat's attention is about, if the context has any;
 *   <li>"count to n" and "tell me a long story": answers that last long enough to be cancelled;
 *   <li>anything else: two or three sentences that take up the user's words, and a labelled memory that fits them.
 * </ul>
 */
final class Conversationalist implements Responder {
    private static final Pattern LEARN =
            Pattern.compile("(?is)\\b(?:remember|note|keep in mind)(?:\\s*,)?\\s+(?:that\\s+|this:?\\s+)(.+)");
    private static final Pattern MINE = Pattern.compile("(?is)^\\W*(my\\s+.{1,80}?\\s+(?:is|are|was|were)\\s+.+)");
    private static final Pattern RECALL =
            Pattern.compile("(?is)\\b(?:what\\s+(?:do|did)\\s+(?:you|i)\\s+(?:know|remember|tell\\s+you|say)\\s+about"
                    + "|(?:what|who|where|when|which)(?:'s|\\s+is|\\s+are|\\s+was|\\s+were)\\s+(?=my\\b)"
                    + "|do\\s+you\\s+(?:still\\s+)?(?:remember|know|recall))\\s*(.+)");
    private static final Pattern COUNT = Pattern.compile("(?i)\\bcount\\s+(?:up\\s+)?to\\s+(\\d{1,4})\\b");
    private static final Pattern STORY = Pattern.compile("(?i)\\b(?:long|story|essay|poem)\\b");
    private static final Pattern GREETING =
            Pattern.compile("(?i)^\\W*(?:hello|hi|hey|good (?:morning|evening|day))\\b");
    private static final Pattern NEWS =
            Pattern.compile("(?i)\\b(?:any|some)thing (?:new|i should know|i missed)\\b|\\bany news\\b");
    private static final Pattern ATTENTION = Pattern.compile("(?m)^- \\(\\w+\\) (.+?)(?:: .*)?$");
    private static final Pattern FINDING =
            Pattern.compile("(?m)^.*?\\[([0-9a-f]{8,64})\\]\\s*(?:\\((\\w+)\\))?\\s*(.*)$");
    private static final Pattern MEMORY_LINE = Pattern.compile("(?m)^\\s*[-*]\\s+([^:\\n]{1,80}):\\s+(.+)$");
    private static final Pattern VERB = Pattern.compile(
            "(?i)\\s+(?:is|are|was|were|has|have|had|likes?|loves?|hates?|prefers?|lives?|works?|leaves?|starts?|ends?"
                    + "|runs?|needs?|wants?|uses?|means?|can|will|must|should)\\b");
    private static final Set<String> SMALL_WORDS = Set.of(
            "the", "and", "you", "your", "that", "this", "what", "with", "for", "are", "was", "about", "have", "has",
            "not", "can", "will", "know", "tell", "who", "how", "when", "where", "does", "did", "from", "please");
    private static final int QUOTED_CHARACTERS = 200;
    private static final int STORY_SENTENCES = 24;

    private final Reply.Pacing pacing;

    Conversationalist(Reply.Pacing pacing) {
        this.pacing = pacing;
    }

    @Override
    public Answer answer(ModelRequest request) {
        if (!request.toolResults().isEmpty()) {
            return say(
                    request,
                    request.toolResults().stream()
                            .map(Conversationalist::afterTool)
                            .collect(Collectors.joining(" ")));
        }
        String text = request.userText().strip();
        if (request.offers("heartbeat_respond")) {
            return use("heartbeat_respond", decisions(text));
        }
        Matcher recall = RECALL.matcher(text);
        if (recall.find()) {
            String topic = withoutEnd(recall.group(1));
            return request.offers("recall")
                    ? use("recall", object().put("query", withoutArticle(topic)))
                    : say(request, fromMemory(request, topic));
        }
        String statement = statement(text);
        if (statement != null && request.offers("learn_fact")) {
            return use("learn_fact", object().put("subject", subject(statement)).put("statement", statement));
        }
        return say(request, talk(request, text));
    }

    private Answer say(ModelRequest request, String text) {
        String heard = Pieces.first(text, request.maxTokens());
        String stopReason = heard.length() < text.length() ? "max_tokens" : "end_turn";
        return Answer.of(new Reply(pacing, List.of(new Reply.Block.Text(heard)), stopReason, null, null));
    }

    private Answer use(String tool, ObjectNode input) {
        return Answer.of(new Reply(pacing, List.of(new Reply.Block.Tool(tool, input)), "tool_use", null, null));
    }

    private static String afterTool(ModelRequest.ToolResult result) {
        String text = result.text().strip();
        if (result.isError()) {
            return "That did not work: " + (text.isEmpty() ? "the tool gave no reason" : withoutEnd(text)) + ".";
        }
        return switch (result.tool()) {
            case "learn_fact" ->
                "Noted, I will remember that "
                        + result.input().path("statement").asString("") + ".";
            case "recall" -> {
                String query = result.input().path("query").asString("it");
                yield text.isEmpty()
                        ? "I remember nothing about " + query + " yet."
                        : "This is what I remember about " + query + ": " + text;
            }
            case "heartbeat_respond" ->
                "Decided " + result.input().path("decisions").size() + " findings.";
            default -> "The tool " + result.tool() + " says: " + text;
        };
    }

    /** One decision for each finding, by the urgency that stands behind its fingerprint. */
    private static ObjectNode decisions(String text) {
        ObjectNode input = object();
        ArrayNode decisions = input.putArray("decisions");
        Set<String> seen = new HashSet<>();
        Matcher finding = FINDING.matcher(text);
        while (finding.find()) {
            if (seen.add(finding.group(1))) {
                boolean high = "high".equalsIgnoreCase(finding.group(2));
                decisions
                        .addObject()
                        .put("fingerprint", finding.group(1))
                        .put("action", high ? "notify" : "acknowledge")
                        .put("text", finding.group(3).strip())
                        .put("severity", high ? "high" : "low");
            }
        }
        return input;
    }

    private static @Nullable String statement(String text) {
        if (text.endsWith("?")) {
            return null;
        }
        Matcher learn = LEARN.matcher(text);
        if (learn.find()) {
            return withoutEnd(learn.group(1));
        }
        Matcher mine = MINE.matcher(text);
        return mine.find() ? withoutEnd(mine.group(1)) : null;
    }

    /** What a statement is about: what stands before its verb, else its first three words. */
    private static String subject(String statement) {
        Matcher verb = VERB.matcher(statement);
        String head =
                verb.find() && verb.start() > 0 ? statement.substring(0, verb.start()) : Pieces.first(statement, 3);
        return withoutArticle(head.strip());
    }

    private static String withoutArticle(String words) {
        return words.replaceFirst("(?i)^(?:my|the|an?|our|your)\\s+", "");
    }

    private static String withoutEnd(String text) {
        return text.strip().replaceFirst("[\\s.?!,;:]+$", "");
    }

    private static String talk(ModelRequest request, String text) {
        Matcher count = COUNT.matcher(text);
        if (count.find()) {
            int to = Integer.parseInt(count.group(1));
            return IntStream.rangeClosed(1, to).mapToObj(Integer::toString).collect(Collectors.joining(" ", "", "."));
        }
        if (STORY.matcher(text).find()) {
            return IntStream.rangeClosed(1, STORY_SENTENCES)
                    .mapToObj(i -> "Chapter " + i + " begins where the one before it ended, and goes a little further.")
                    .collect(Collectors.joining(" ", "You asked: \"" + quoted(text) + "\". Here is a long one. ", ""));
        }
        if (NEWS.matcher(text).find()) {
            String news = attention(request.system());
            return news == null
                    ? "Nothing that I know of. Ask me again after my next heartbeat."
                    : "Yes: my heartbeat noticed that " + news + ". You may want to look at that.";
        }
        if (GREETING.matcher(text).find() && text.length() < 40) {
            return "Hello! It is good to hear from you. Tell me something to remember, or ask me what I know.";
        }
        String memory = matchingMemory(request.system(), text);
        String opening = switch (Math.floorMod(text.hashCode(), 3)) {
            case 0 -> "You said: \"" + quoted(text) + "\".";
            case 1 -> "I hear you: \"" + quoted(text) + "\".";
            default -> "So it is about this: \"" + quoted(text) + "\".";
        };
        return opening
                + (memory == null
                        ? " I have nothing in memory that would change my mind about it."
                        : " I remember that " + memory + ".")
                + " Tell me more, and I will take it up from there.";
    }

    /** What a heartbeat wants told; null for nothing. */
    private static @Nullable String attention(String system) {
        int start = system.indexOf("Attention,");
        Matcher line = ATTENTION.matcher(system).region(Math.max(0, start), system.length());
        return start >= 0 && line.find() ? withoutEnd(line.group(1)) : null;
    }

    private static String fromMemory(ModelRequest request, String topic) {
        String memory = matchingMemory(request.system(), topic);
        return memory == null
                ? "I remember nothing about " + withoutArticle(topic) + " yet."
                : "I remember that " + memory + ".";
    }

    /** The statement of the labelled memory that shares most words with the text; null where none shares any. */
    private static @Nullable String matchingMemory(String system, String text) {
        int start = system.indexOf("Memory:");
        if (start < 0) {
            return null;
        }
        Set<String> words = words(text);
        String best = null;
        int most = 0;
        Matcher line = MEMORY_LINE.matcher(system).region(start, system.length());
        while (line.find()) {
            Set<String> shared = words(line.group(1) + " " + line.group(2));
            shared.retainAll(words);
            if (shared.size() > most) {
                most = shared.size();
                best = withoutEnd(line.group(2));
            }
        }
        return best;
    }

    private static Set<String> words(String text) {
        Set<String> words = new LinkedHashSet<>();
        for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}\\p{N}]+", -1)) {
            if (word.length() > 2 && !SMALL_WORDS.contains(word)) {
                words.add(word);
            }
        }
        return words;
    }

    private static String quoted(String text) {
        String line = withoutEnd(text.replaceAll("\\s+", " "));
        return line.length() <= QUOTED_CHARACTERS
                ? line
                : line.substring(
                                0,
                                line.offsetByCodePoints(
                                        0, Math.min(QUOTED_CHARACTERS, line.codePointCount(0, line.length()))))
                        + "…";
    }

    private static ObjectNode object() {
        return JsonMapper.shared().createObjectNode();
    }
}
