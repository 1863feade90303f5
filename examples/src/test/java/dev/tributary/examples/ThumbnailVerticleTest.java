package dev.tributary.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Tributary;
import dev.tributary.codec.Codecs;
import dev.tributary.config.ClientConfig;
import dev.tributary.kv.Change;
import dev.tributary.examples.verticle.ThumbnailVerticle;
import io.vertx.core.Vertx;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ThumbnailVerticleTest {
  @Test
  void makesAThumbnailOfEveryUpload() throws Exception {
    ClientConfig config = ClientConfig.parse("memory:thumbnails");
    Vertx vertx = Vertx.vertx();
    try (Tributary tributary = Tributary.connect(config)) {
      CompletableFuture<Change<String>> made = new CompletableFuture<>();
      tributary.keyValue("thumbnails", Codecs.text()).watch("").subscribe(first(made));
      tributary.stream("uploads", Codecs.text()).publish("cat.jpg").get(20, TimeUnit.SECONDS);

      String deployed = vertx.deployVerticle(new ThumbnailVerticle(config)).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);

      assertThat(made.get(20, TimeUnit.SECONDS).value()).isEqualTo("thumbnail of cat.jpg");
      vertx.undeploy(deployed).toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }
  }

  private static <T> Flow.Subscriber<T> first(CompletableFuture<T> future) {
    return new Flow.Subscriber<>() {
      @Override
      public void onSubscribe(Flow.Subscription subscription) {
        subscription.request(1);
      }

      @Override
      public void onNext(T item) {
        future.complete(item);
      }

      @Override
      public void onError(Throwable error) {
        future.completeExceptionally(error);
      }

      @Override
      public void onComplete() {}
    };
  }
}
