package dev.tributary.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.codec.Codecs;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.PermissionDeniedException;
import dev.tributary.testkit.FakeTributary;
import dev.tributary.testkit.TributaryTest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a service is tested with the fake: a real engine in memory, and a clock that the test moves. */
@TributaryTest
class MailerTest {
  private final List<String> sent = new ArrayList<>();

  @Test
  void sendsWhatIsStored(FakeTributary tributary) {
    Mailer mailer = new Mailer(tributary, this::succeed);

    mailer.send("welcome 42").join();
    tributary.time().advance(Duration.ofSeconds(1));

    assertThat(sent).containsExactly("welcome 42");
    assertThat(tributary.queue("mails").stats().join().pending()).isZero();
  }

  @Test
  void givesUpAfterThreeAttempts(FakeTributary tributary) {
    Mailer mailer = new Mailer(tributary, mail -> CompletableFuture.failedFuture(new IOException("the mail server is down")));

    mailer.send("welcome 42").join();
    tributary.time().advance(Duration.ofMinutes(5)); // takes no time

    assertThat(tributary.queue("mails", Codecs.text()).deadLetters().list(10).join())
        .singleElement()
        .satisfies(letter -> assertThat(letter.value()).isEqualTo("welcome 42"));
  }

  @Test
  void saysSoWhenAMailCannotBeStored(FakeTributary tributary) {
    Mailer mailer = new Mailer(tributary, this::succeed);
    tributary
        .faults()
        .failNext("enqueue", new PermissionDeniedException(ErrorInfo.of("this queue is read-only", "Ask its owner")));

    CompletableFuture<?> stored = mailer.send("welcome 42");

    assertThatThrownBy(stored::join).hasCauseInstanceOf(PermissionDeniedException.class);
  }

  @Test
  void storesAMailAlthoughTheConnectionBroke(FakeTributary tributary) {
    Mailer mailer = new Mailer(tributary, this::succeed);
    tributary
        .faults()
        .failNext("enqueue", new ConnectionFailedException(ErrorInfo.of("the connection broke", "").maybeApplied(true)));

    CompletableFuture<?> stored = mailer.send("welcome 42");
    tributary.time().advance(Duration.ofSeconds(5)); // tried again: the job's number says if it is there already

    assertThat(stored).isCompleted();
    assertThat(sent).containsExactly("welcome 42");
  }

  private CompletableFuture<Void> succeed(String mail) {
    sent.add(mail);
    return CompletableFuture.completedFuture(null);
  }
}
