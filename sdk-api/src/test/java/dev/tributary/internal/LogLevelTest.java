package dev.tributary.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.config.ClientConfig;
import dev.tributary.error.InvalidRequestException;
import java.io.File;
import java.lang.System.Logger.Level;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LogLevelTest {
  private static final Logger ROOM = Logger.getLogger("dev.tributary");
  private static final System.Logger NET = System.getLogger("dev.tributary.net");

  private final FakeTransport transport = new FakeTransport();

  @AfterEach
  void reset() {
    ROOM.setLevel(null);
  }

  @ParameterizedTest
  @EnumSource(names = "ALL", mode = EnumSource.Mode.EXCLUDE)
  void aClientSetsTheLevelOfTheLibrary(Level level) {
    ClientConfig config = transport.config().logLevel(level).build();
    assertThat(ROOM.getLevel()).isNull();
    try (Tributary client = transport.client(config)) {
      assertThat(client.config().logLevel()).isEqualTo(level);
      for (Level tried : Level.values()) {
        if (tried != Level.ALL && tried != Level.OFF) {
          assertThat(NET.isLoggable(tried)).as("%s at %s", tried, level).isEqualTo(tried.getSeverity() >= level.getSeverity());
        }
      }
    }
  }

  @Test
  void otherwiseTheProcessSays() {
    ROOM.setLevel(java.util.logging.Level.FINE);
    transport.client().close();
    assertThat(ROOM.getLevel()).isEqualTo(java.util.logging.Level.FINE);
  }

  /** In a process without java.util.logging. */
  @Test
  void itIsForThePlatformsLogging() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--limit-modules",
                "java.base",
                "-cp",
                String.join(File.pathSeparator, place(Client.class), place(Bare.class), place(Nullable.class)),
                Bare.class.getName())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains("transport closed: true").contains("log-level is for java.util.logging").contains("Leave log-level out");
    assertThat(process.waitFor()).isZero();
  }

  private static String place(Class<?> of) throws URISyntaxException {
    return Path.of(of.getProtectionDomain().getCodeSource().getLocation().toURI()).toString();
  }

  /** What the other process does. */
  static final class Bare {
    public static void main(String[] none) {
      FakeTransport transport = new FakeTransport();
      try {
        transport.client(transport.config().logLevel(Level.INFO).build());
      } catch (InvalidRequestException refused) {
        System.out.println("transport closed: " + transport.closed + ", " + refused.getMessage());
      }
    }
  }
}
