package dev.tributary.vertx;

import dev.tributary.Health;
import dev.tributary.HealthReport;
import io.vertx.core.Future;

/** {@link Health} for verticles; see {@link VertxTributary}. */
public final class VertxHealth {
  private final Contexts contexts;
  private final Health health;

  VertxHealth(Contexts contexts, Health health) {
    this.contexts = contexts;
    this.health = health;
  }

  /** See {@link Health#live}. */
  public Future<Boolean> live() {
    return contexts.future(health.live());
  }

  /** See {@link Health#ready}. */
  public Future<Boolean> ready() {
    return contexts.future(health.ready());
  }

  /** See {@link Health#report}. */
  public Future<HealthReport> report() {
    return contexts.future(health.report());
  }
}
