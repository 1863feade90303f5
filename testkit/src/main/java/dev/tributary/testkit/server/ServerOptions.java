package dev.tributary.testkit.server;

import dev.tributary.spi.TimeSource;
import dev.tributary.spi.Transport;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a protocol needs to know of the server it is part of.
 *
 * @param transport what it serves
 * @param time the clock of delays and polls
 * @param host where it listens
 * @param tokens the tokens it takes; empty if it asks for none
 * @param administrators passwords by the names of those who may do everything; empty if it asks for none
 * @param first what serves the first node of its cluster; null if it is that itself
 * @param authOnSubscribe whether a subscription needs a token too, where the protocol's servers do not ask for one
 * @param createOnFirstUse whether it creates what does not exist and repeats the call
 * @param rateLimited whether it holds back clients that ask too often by HTTP, where the protocol's servers do
 * @param maxExtensions how often a lease can be extended, where the protocol's servers bound that
 * @param releaseOnDisconnect whether jobs that were pushed to a client are given back when it goes away, and not only when their leases
 *     end
 * @param limits what its clients may make it hold and wait for
 * @param jitter where chance comes from: numbers from 0 to less than 1
 * @param certificate PEM file of its certificate; null for plain text
 * @param key PEM file of its private key; null for plain text
 * @param clientCa PEM file of the authority of its clients' certificates; null if they need none
 * @param quirks the faults of public servers it is to show
 */
public record ServerOptions(
    Transport transport,
    TimeSource time,
    String host,
    Set<String> tokens,
    Map<String, String> administrators,
    Protocol.@Nullable Service first,
    boolean authOnSubscribe,
    boolean createOnFirstUse,
    boolean rateLimited,
    int maxExtensions,
    boolean releaseOnDisconnect,
    ServerLimits limits,
    DoubleSupplier jitter,
    @Nullable Path certificate,
    @Nullable Path key,
    @Nullable Path clientCa,
    Set<Quirk> quirks) {
  /** Without its tokens and passwords. */
  @Override
  public String toString() {
    return "server of " + transport.backend() + " on " + host;
  }
}
