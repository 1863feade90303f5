package dev.tributary.testkit.server.flymq;

import dev.tributary.Capability;
import dev.tributary.spi.AdminTransport;
import dev.tributary.spi.HealthTransport;
import dev.tributary.spi.Limits;
import dev.tributary.spi.StreamTransport;
import dev.tributary.spi.Transport;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** Another transport, of which only streams are left, that counts in seconds and has little room. */
final class CoarseTransport implements Transport {
  private final Transport other;

  CoarseTransport(Transport other) {
    this.other = other;
  }

  @Override
  public String backend() {
    return other.backend();
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(Capability.STREAMS, Capability.EVENT_TTL, Capability.CREATE_RESOURCES);
  }

  @Override
  public Limits limits() {
    Duration most = Duration.ofSeconds(10);
    return new Limits(10, 1_000, 100, 1, 10, Duration.ofSeconds(1), most, most, most, 0, most);
  }

  @Override
  public Optional<StreamTransport> streams() {
    return other.streams();
  }

  @Override
  public Optional<AdminTransport> admin() {
    return other.admin();
  }

  @Override
  public HealthTransport health() {
    return other.health();
  }

  @Override
  public CompletableFuture<Void> close() {
    return other.close();
  }
}
