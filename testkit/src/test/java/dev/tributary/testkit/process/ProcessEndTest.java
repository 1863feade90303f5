package dev.tributary.testkit.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.testkit.server.EmbeddedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A client keeps no process alive. */
class ProcessEndTest {
  @ParameterizedTest
  @ValueSource(strings = {"close", "forget"})
  void aProcessThatOnlyPublishesEndsByItself(String manner) throws Exception {
    try (EmbeddedServer server = EmbeddedServer.of("flowmesh").start()) {
      Process process = java(PublishOnce.class, server.uri(), manner);
      try {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the process has ended").isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)).contains("published at 0");
      } finally {
        process.destroyForcibly();
      }
    }
  }

  private static Process java(Class<?> main, String... args) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                main.getName()));
    command.addAll(List.of(args));
    return new ProcessBuilder(command).redirectErrorStream(true).start();
  }
}
