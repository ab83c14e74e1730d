package dev.noesis.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;

/** What a run said, a line for each message: by the log, and by its reply. Pure. */
final class Words {
    private Words() {}

    /** What the counted answers and results say, results in the order in which they were asked for. */
    static List<String> said(LoggedRun run) {
        List<String> lines = new ArrayList<>();
        for (LoggedRun.Answer answer : run.answers) {
            String id = run.runId + "/" + answer.step;
            if (!answer.isEmpty) {
                StringBuilder line =
                        new StringBuilder(id).append(" assistant: ").append(answer.text);
                answer.calls.forEach(use -> line.append(call(use.id(), use.name(), use.input())));
                lines.add(line.toString());
            }
            if (answer.results.size() == distinctCalls(answer)) {
                answer.calls.forEach(use -> lines.add(
                        id + "/tools/" + use.id() + " tool " + use.id() + ": " + answer.results.get(use.id())));
            }
        }
        return lines;
    }

    private static long distinctCalls(LoggedRun.Answer answer) {
        return answer.calls.stream().map(use -> use.id()).distinct().count();
    }

    /** What a reply's messages say. */
    static List<String> shown(JsonNode messages) {
        return StreamSupport.stream(messages.spliterator(), false)
                .map(Words::line)
                .toList();
    }

    private static String line(JsonNode message) {
        String role = message.path("role").asString("");
        String content = message.path("content").asString("");
        StringBuilder line =
                new StringBuilder(message.path("id").asString("")).append(' ').append(role);
        if (role.equals("tool")) {
            return line.append(' ')
                    .append(message.path("toolCallId").asString(""))
                    .append(": ")
                    .append(content)
                    .toString();
        }
        line.append(": ").append(content);
        for (JsonNode call : message.path("toolCalls")) {
            line.append(call(
                    call.path("id").asString(""),
                    call.path("function").path("name").asString(""),
                    call.path("function").path("arguments").asString("")));
        }
        return line.toString();
    }

    private static String call(String id, String name, String input) {
        return " " + id + "=" + name + input;
    }
}
