package dev.tributary.examples.verticle;

import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.kv.PutOptions;
import dev.tributary.queue.NewJob;
import dev.tributary.queue.WorkerOptions;
import dev.tributary.stream.Message;
import dev.tributary.vertx.VertxEventConsumer;
import dev.tributary.vertx.VertxJob;
import dev.tributary.vertx.VertxJobQueue;
import dev.tributary.vertx.VertxKeyValueStore;
import dev.tributary.vertx.VertxTributary;
import dev.tributary.vertx.VertxWorker;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;

/**
 * A verticle that makes a job of every upload it hears of, works on the jobs, and remembers the results for a day. Everything runs
 * on the verticle's own context; nothing blocks it.
 */
public final class ThumbnailVerticle extends VerticleBase {
  private final ClientConfig config;
  private VertxTributary tributary;
  private VertxEventConsumer<String> uploads;
  private VertxJobQueue<String> jobs;
  private VertxKeyValueStore<String> thumbnails;
  private VertxWorker worker;

  /** A verticle for the backend of this configuration. */
  public ThumbnailVerticle(ClientConfig config) {
    this.config = config;
  }

  @Override
  public Future<?> start() {
    tributary = VertxTributary.connect(vertx, config);
    jobs = tributary.queue("thumbnails", Codecs.text());
    thumbnails = tributary.keyValue("thumbnails", Codecs.text());
    uploads = tributary.stream("uploads", Codecs.text()).consumer("thumbnails");
    uploads.forEach(this::enqueue).onFailure(Throwable::printStackTrace);
    worker = jobs.worker(WorkerOptions.concurrency(4), this::work);
    return Future.succeededFuture();
  }

  /** The offset is committed only after the job is stored: an upload may be worked on twice, but never not at all. */
  private Future<?> enqueue(Message<String> upload) {
    return jobs.enqueue(NewJob.builder(upload.value()).header("offset", Long.toString(upload.offset())).build());
  }

  /** Succeeds: the job is acked. Fails: it is nacked, and comes again after a while. */
  private Future<?> work(VertxJob<String> job) {
    String thumbnail = "thumbnail of " + job.value();
    return thumbnails.put(job.value(), thumbnail, PutOptions.ttl(Duration.ofDays(1)));
  }

  /** Finishes what is running, commits, and disconnects; the Vert.x instance is the application's. */
  @Override
  public Future<?> stop() {
    return Future.join(uploads.close(), worker.close()).eventually(tributary::close);
  }
}
