package dev.tributary.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.admin.QueueConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.TributaryException;
import dev.tributary.queue.Job;
import dev.tributary.queue.NackOutcome;
import dev.tributary.queue.ReserveOptions;
import dev.tributary.testkit.server.EmbeddedServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the pages say of errors and backends is so. */
class DocumentedFactsTest {
  private static final Path ROOT = Path.of("..");

  @ParameterizedTest
  @MethodSource("errors")
  void everyErrorIsExplained(String error) throws IOException {
    assertThat(Files.readAllLines(ROOT.resolve("docs/troubleshooting.md"))).contains("## " + error);
    if (!error.equals(TributaryException.class.getSimpleName())) {
      assertThat(Files.readString(ROOT.resolve("README.md"))).contains("`" + error + "`");
    }
  }

  /** The exceptions of the package, where its classes are: a folder or a jar. */
  static List<String> errors() throws Exception {
    String folder = "/" + ErrorInfo.class.getPackageName().replace('.', '/');
    URI place = ErrorInfo.class.getResource(ErrorInfo.class.getSimpleName() + ".class").toURI();
    if (!place.getScheme().equals("jar")) {
      return exceptions(Path.of(place).getParent());
    }
    try (FileSystem jar = FileSystems.newFileSystem(place, Map.of())) {
      return exceptions(jar.getPath(folder));
    }
  }

  private static List<String> exceptions(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString().replace(".class", "")).filter(name -> name.endsWith("Exception")).sorted().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"flowmesh", "disheap", "goqueue", "memory"})
  void aJobIsTriedAsOftenAsTheTableSays(String backend) throws IOException {
    if (backend.equals("memory")) {
      assertThat(attempts("memory:?memory.private=true")).isEqualTo(attemptsByDefault(backend));
      return;
    }
    try (EmbeddedServer server = EmbeddedServer.of(backend).start()) {
      assertThat(attempts(server.uri())).isEqualTo(attemptsByDefault(backend));
    }
  }

  private static int attempts(String uri) {
    try (Tributary tributary = Tributary.connect(uri)) {
      if (tributary.capabilities().contains(Capability.CREATE_RESOURCES)) {
        tributary.admin().ensureQueue("jobs", QueueConfig.DEFAULT).join();
      }
      JobQueue<String> jobs = tributary.queue("jobs", Codecs.text());
      jobs.enqueue("never").join();
      while (true) {
        Job<String> job = jobs.reserve(ReserveOptions.maxWait(Duration.ofSeconds(20))).join().orElseThrow();
        if (job.nack(Duration.ZERO).join() == NackOutcome.DEAD_LETTERED) {
          return job.attempt();
        }
      }
    }
  }

  private static int attemptsByDefault(String backend) throws IOException {
    List<String> table = Files.readAllLines(ROOT.resolve("README.md")).stream().filter(line -> line.startsWith("| ")).toList();
    List<String> head = table.stream().filter(line -> line.contains("| attempts by default |")).findFirst().map(DocumentedFactsTest::cells).orElseThrow();
    List<String> row = table.stream().filter(line -> line.startsWith("| `" + backend + ":")).findFirst().map(DocumentedFactsTest::cells).orElseThrow();
    return Integer.parseInt(row.get(head.indexOf("attempts by default")));
  }

  private static List<String> cells(String row) {
    return Arrays.stream(row.split("\\|")).map(String::strip).toList();
  }
}
