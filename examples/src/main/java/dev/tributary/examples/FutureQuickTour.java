package dev.tributary.examples;

import dev.tributary.EventStream;
import dev.tributary.JobQueue;
import dev.tributary.KeyValueStore;
import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.kv.PutOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.Worker;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The README's tour with Java futures, against any backend. */
public final class FutureQuickTour {
  private FutureQuickTour() {}

  /** Runs the tour; what it read back at the end. */
  public static String run(String uri) {
    try (Tributary tributary = Tributary.connect(uri)) {
      EventStream<String> orders = tributary.stream("orders", Codecs.text());
      Position at = orders.publish("order 42").join();
      List<Message<String>> read = orders.read(at.partition(), at.offset(), 10).join();

      JobQueue<String> mails = tributary.queue("mails", Codecs.text());
      CompletableFuture<String> sent = new CompletableFuture<>();
      mails.enqueue(NewJob.builder("welcome 42").header("order", read.get(0).value()).build()).join();
      Worker worker =
          mails.worker(
              WorkerOptions.concurrency(8),
              job -> {
                sent.complete(job.value() + " for " + job.headers().get("order"));
                return CompletableFuture.completedFuture(null);
              });

      KeyValueStore<String> latest = tributary.keyValue("latest", Codecs.text());
      latest.put("mail", sent.join(), PutOptions.ttl(Duration.ofHours(1))).join();
      worker.close();
      return latest.get("mail").join().orElseThrow();
    }
  }
}
