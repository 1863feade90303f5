package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class StandstillTest {
  private final Logger log = Logger.getLogger("dev.tributary.testkit");
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Handler listener =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          said.add(String.valueOf(record.getMessage()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    log.addHandler(listener);
    log.setUseParentHandlers(false);
    // Other tests of this process set how much the library logs.
    log.setLevel(java.util.logging.Level.WARNING);
  }

  @AfterEach
  void quiet() {
    log.removeHandler(listener);
    log.setUseParentHandlers(true);
    log.setLevel(null);
  }

  @Test
  void tellsWhoWaitsForTimeThatDoesNotMove() throws Exception {
    VirtualTime time = new VirtualTime();
    CompletableFuture<Void> never = new CompletableFuture<>();
    time.schedule(Duration.ofMinutes(5), () -> never.complete(null));
    Thread test =
        new Thread(
            () -> {
              try (Standstill watch = Standstill.watch(time, Duration.ofMillis(50))) {
                assertThat(watch).isNotNull();
                never.join();
              }
            },
            "the test");
    test.start();
    assertThat(said.poll(20, TimeUnit.SECONDS)).contains("the test waits").contains("StandstillTest").contains("fake.await");
    time.advance(Duration.ofMinutes(5));
    test.join();
    assertThat(said).as("once").isEmpty();
  }
}
