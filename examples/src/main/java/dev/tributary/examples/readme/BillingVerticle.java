package dev.tributary.examples.readme;

import dev.tributary.admin.StreamConfig;
import dev.tributary.codec.Codecs;
import dev.tributary.stream.Message;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;

/** Bills every order of a stream once it has come, and goes on behind the last one after a restart. */
public final class BillingVerticle extends VerticleBase {
  private VertxTributary tributary;

  public static void main(String[] args) {
    Vertx vertx = Vertx.vertx();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> vertx.close().await())); // Ctrl-C: stop() is called, and waited for
    vertx.deployVerticle(new BillingVerticle()).onFailure(failure -> end(vertx, failure));
  }

  @Override
  public Future<?> start() {
    tributary = VertxTributary.connect(vertx); // TRIBUTARY_URI says where
    return tributary
        .admin()
        .ensureStream("orders", StreamConfig.DEFAULT)
        .onSuccess(made -> tributary.stream("orders", Codecs.text()).consumer("billing").forEach(this::bill).onFailure(why -> end(vertx, why)));
  }

  /** On the verticle's event loop: it must not block. Succeeding means done; failing means that the order comes again at the next start. */
  private Future<?> bill(Message<String> order) {
    System.out.println("billed " + order.value());
    return Future.succeededFuture();
  }

  /** Finishes what is being billed, and commits. */
  @Override
  public Future<?> stop() {
    return tributary.close();
  }

  private static void end(Vertx vertx, Throwable failure) {
    failure.printStackTrace();
    vertx.close();
  }
}
