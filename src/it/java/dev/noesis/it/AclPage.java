package dev.noesis.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** The tables of {@code deploy/kafka-acls.md}, so that what the page says is what the test gives. */
final class AclPage {
    private static final Path FILE = Path.of("deploy/kafka-acls.md");
    private static final String ALL_TOPICS = "each of the 12 topics";
    private static final Pattern NAME = Pattern.compile("`([^`]+)`");

    /**
     * One row.
     *
     * @param who of the section, where it has such a column; else empty
     * @param names without a deployment's prefix
     */
    record Rule(
            String section,
            String who,
            ResourceType resource,
            PatternType pattern,
            List<String> names,
            List<AclOperation> operations) {

        Stream<AclBinding> bindings(String deployment, String user) {
            return names.stream()
                    .map(name -> new ResourcePattern(resource, deployment + "." + name, pattern))
                    .flatMap(resource -> operations.stream()
                            .map(operation -> new AclBinding(
                                    resource,
                                    new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW))));
        }
    }

    private final List<Rule> rules = new ArrayList<>();

    private AclPage() {}

    static AclPage read() throws IOException {
        AclPage page = new AclPage();
        String text = Files.readString(FILE);
        List<String> topics = topics(text);
        String section = "";
        List<String> columns = List.of();
        for (String line : text.lines().toList()) {
            if (line.startsWith("## ")) {
                section = line.substring(3);
                columns = List.of();
            } else if (line.startsWith("|") && columns.isEmpty()) {
                columns = cells(line);
            } else if (line.startsWith("|") && !line.startsWith("|---")) {
                page.rules.add(rule(section, columns, cells(line), topics));
            }
        }
        return page;
    }

    /** The rules of a section, or of one of those that it is for. */
    List<Rule> of(String section, String who) {
        List<Rule> found = rules.stream()
                .filter(rule -> rule.section().equals(section) && rule.who().equals(who))
                .toList();
        if (found.isEmpty()) {
            throw new AssertionError(FILE + " says nothing of " + section + " " + who);
        }
        return found;
    }

    private static Rule rule(String section, List<String> columns, List<String> cells, List<String> topics) {
        String name = cells.get(columns.indexOf("name"));
        int who = columns.indexOf("who");
        return new Rule(
                section,
                who < 0 ? "" : cells.get(who),
                ResourceType.fromString(cells.get(columns.indexOf("resource")).replace(' ', '_')),
                PatternType.fromString(cells.get(columns.indexOf("pattern")).toUpperCase(Locale.ROOT)),
                name.equals(ALL_TOPICS) ? topics : names(name),
                Arrays.stream(cells.get(columns.indexOf("operations")).split(", "))
                        .map(AclPage::operation)
                        .toList());
    }

    /** The page writes them as Kafka's own pages do: DescribeConfigs. */
    private static AclOperation operation(String name) {
        return AclOperation.fromString(name.replaceAll("(?<=[a-z])(?=[A-Z])", "_"));
    }

    private static List<String> topics(String text) {
        int begin = text.indexOf("The 12 are ");
        return names(text.substring(begin, text.indexOf("With a", begin)));
    }

    private static List<String> names(String text) {
        return NAME.matcher(text).results().map(name -> name.group(1)).toList();
    }

    private static List<String> cells(String line) {
        String[] cells = line.substring(1).split("\\|");
        return Arrays.stream(cells).map(String::strip).toList();
    }
}
