package org.example.bills;

import dev.tributary.codec.Codecs;
import dev.tributary.vertx.VertxEventConsumer;
import dev.tributary.vertx.VertxKeyValueStore;
import dev.tributary.vertx.VertxTributary;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** A verticle that remembers a bill for every order it hears of. */
public final class BillVerticle extends VerticleBase {
  private final String uri;
  private VertxTributary tributary;
  private VertxEventConsumer<String> orders;

  public BillVerticle(String uri) {
    this.uri = uri;
  }

  @Override
  public Future<?> start() {
    tributary = VertxTributary.connect(vertx, uri);
    VertxKeyValueStore<String> bills = tributary.keyValue("bills", Codecs.text());
    orders = tributary.stream("orders", Codecs.text()).consumer("billing");
    orders.forEach(order -> bills.put(order.value(), "bill for " + order.value()));
    return Future.succeededFuture();
  }

  @Override
  public Future<?> stop() {
    return orders.close().eventually(tributary::close);
  }
}
