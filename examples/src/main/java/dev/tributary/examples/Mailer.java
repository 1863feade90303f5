package dev.tributary.examples;

import dev.tributary.JobQueue;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.queue.EnqueueResult;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/** A service that sends mails in the background: what the unit test beside it is about. */
public final class Mailer implements AutoCloseable {
  private final JobQueue<String> mails;
  private final Worker worker;

  /** Takes any client: the real one in production, a fake in tests. */
  public Mailer(Tributary tributary, Function<String, CompletionStage<Void>> smtp) {
    mails = tributary.queue("mails", Codecs.text());
    worker = mails.worker(WorkerOptions.concurrency(4), job -> smtp.apply(job.value()));
  }

  /** Completes when the mail is stored; it is sent later, and again if that fails. */
  public CompletableFuture<EnqueueResult> send(String mail) {
    return mails.enqueue(mail);
  }

  @Override
  public void close() {
    worker.close();
  }
}
