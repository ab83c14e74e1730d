import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the AOT cache of a distribution: runs its demo once on the JDK that runs this, which leaves the classes that a
 * worker needs behind, loaded and linked. The build runs it from its source.
 *
 * <p>What the demo says goes to a file and is shown only where the run fails, or leaves no cache. Settings and keys in the
 * environment are kept from it: it is to talk to its scripted model, and to nothing else.
 */
final class AotTraining {
    private AotTraining() {}

    /** @param args the distribution, and the file for what the demo says */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path distribution = Path.of(args[0]);
        Path log = Path.of(args[1]);
        Path cache = distribution.resolve("lib/noesis.aot");
        Files.deleteIfExists(cache);
        long begun = System.nanoTime();
        int exit = train(distribution, cache, log.toFile());
        if (exit != 0 || !Files.exists(cache)) {
            System.err.println(Files.readString(log));
            System.err.println("No AOT cache: the demo ended with " + exit + ". Without one: -Daot.skip=true");
            System.exit(1);
        }
        System.out.printf("%s: %d MiB, in %.0f s%n", cache, Files.size(cache) >> 20, (System.nanoTime() - begun) / 1e9);
    }

    private static int train(Path distribution, Path cache, File log) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("@" + distribution.resolve("conf/jvm.options"));
        command.add("-XX:AOTCacheOutput=" + cache);
        // as bin/noesis names it: the cache remembers the class path
        command.add("-jar");
        command.add(distribution.resolve("lib/noesis.jar").toString());
        command.add("demo");
        ProcessBuilder demo = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log)
                .redirectInput(ProcessBuilder.Redirect.PIPE);
        demo.environment().keySet().removeIf(name -> name.startsWith("NOESIS_") || name.equals("ANTHROPIC_API_KEY"));
        return demo.start().waitFor();
    }
}
