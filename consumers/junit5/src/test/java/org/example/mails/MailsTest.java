package org.example.mails;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tributary.JobQueue;
import dev.tributary.codec.Codecs;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.testkit.FakeTributary;
import dev.tributary.testkit.TributaryTest;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

@TributaryTest
class MailsTest {
  @Test
  void givesUpAfterThreeAttempts(FakeTributary tributary) {
    JobQueue<String> mails = tributary.queue("mails", Codecs.text());
    mails.worker(WorkerOptions.concurrency(1), job -> CompletableFuture.failedFuture(new IOException("down")));
    mails.enqueue("welcome 42").join();

    tributary.time().advance(Duration.ofMinutes(5));

    assertEquals(1, mails.deadLetters().list(10).join().size());
  }
}
