package dev.tributary.examples.readme;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tributary.JobQueue;
import dev.tributary.codec.Codecs;
import dev.tributary.testkit.FakeTributary;
import dev.tributary.testkit.TributaryTest;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

@TributaryTest
class WelcomeTest {
  @Test
  void aMailThatCannotBeSentIsKept(FakeTributary tributary) {
    JobQueue<String> mails = tributary.queue("mails", Codecs.text());
    mails.process(
        job -> {
          throw new IOException("the mail server is down");
        });
    tributary.await(mails.enqueue("ann@example.org"));

    tributary.time().advance(Duration.ofMinutes(5)); // takes no time

    assertEquals("ann@example.org", tributary.await(mails.deadLetters().list(10)).get(0).value());
  }
}
