package dev.tributary.examples.readme;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.testkit.server.EmbeddedServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The programs of the README as a reader runs them: processes that stay up until they are told to stop. */
class ProgramsTest {
  /** What a process that was told to end by SIGTERM ends with. */
  private static final int TERMINATED = 143;

  private final EmbeddedServer server = EmbeddedServer.goqueue().start();

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"MailService", "WelcomeServiceKt"})
  void aServiceSendsWhatIsInItsQueueOnceAndStaysUp(String program) throws Exception {
    try (Run first = new Run(program, "ann@example.org")) {
      assertThat(first.line()).isEqualTo("welcome, ann@example.org");
      first.end();
    }
    try (Run again = new Run(program, "bob@example.org")) {
      assertThat(again.line()).isEqualTo("welcome, bob@example.org");
      again.end();
    }
  }

  @Test
  void aVerticleBillsEachOrderOnceOverRestarts() throws Exception {
    try (Tributary shop = Tributary.connect(server.uri())) {
      shop.admin().createStream("orders", StreamConfig.DEFAULT).join();
      for (int run = 1; run <= 2; run++) {
        shop.stream("orders", Codecs.text()).publish("order " + run).join();
        try (Run verticle = new Run("BillingVerticle")) {
          assertThat(verticle.line()).isEqualTo("billed order " + run);
          verticle.end();
        }
      }
    }
  }

  /** A program in a process of its own, which finds the server as a reader's does. */
  private final class Run implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    Run(String program, String... args) throws IOException {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")));
      command.add(ProgramsTest.class.getPackageName() + "." + program);
      command.addAll(List.of(args));
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
      builder.environment().put("TRIBUTARY_URI", server.uri());
      process = builder.start();
      out = process.inputReader();
    }

    /** The next line that it prints; null if it ended. */
    String line() throws IOException {
      return out.readLine();
    }

    /** Tells it to end, as Ctrl-C does: it has printed no more than was read. */
    void end() throws Exception {
      assertThat(process.isAlive()).isTrue();
      process.toHandle().destroy(); // the process's own destroy() closes its output, too
      assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(TERMINATED);
      assertThat(out.lines()).isEmpty();
    }

    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
