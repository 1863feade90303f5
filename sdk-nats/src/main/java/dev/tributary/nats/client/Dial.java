package dev.tributary.nats.client;

import dev.tributary.config.ClientConfig;
import dev.tributary.config.Credentials;
import dev.tributary.config.Endpoint;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Makes connections. Blocks, on a thread for that. */
final class Dial {
  /** Wider than the gate of {@link NatsCaller}, so that the queue of the library is never full, where it would block. */
  static final int QUEUE = 65_536;

  private final ClientConfig config;
  private final @Nullable String credentialsFile;
  private final @Nullable SSLContext tls;
  private final Threads threads;
  private final Set<String> known = new LinkedHashSet<>();
  /** Why the last server was not trusted; null if it was. */
  private volatile @Nullable CertificateException refused;

  Dial(ClientConfig config, int port, @Nullable String credentialsFile, Threads threads) {
    this.config = config;
    this.credentialsFile = credentialsFile;
    this.tls = config.tls() == null ? null : Trust.context(config.tls(), untrusted -> refused = untrusted);
    this.threads = threads;
    for (Endpoint endpoint : config.endpoints()) {
      known.add((tls == null ? "nats://" : "tls://") + endpoint.orPort(port));
    }
  }

  /** The first that answers of those that were configured, and those that servers told of. One at a time calls this. */
  Connection connect(ConnectionListener listener, ErrorListener errors) throws IOException, InterruptedException, ExecutionException, TimeoutException {
    refused = null;
    Options.Builder options =
        new Options.Builder()
            .servers(known.toArray(String[]::new))
            .noRandomize()
            .noReconnect()
            .connectionName("tributary")
            .connectionTimeout(config.connectTimeout())
            .dataPortType(DialedSocket.class.getName())
            .pingInterval(atLeast(config.idleProbe().dividedBy(3), Duration.ofMillis(10)))
            .maxPingsOut(2)
            .reconnectBufferSize(0)
            .maxMessagesInOutgoingQueue(QUEUE)
            .dontForceFlushOnRequest()
            .supportUTF8Subjects()
            .executor(threads.pool())
            .callbackExecutor(threads.pool())
            .connectExecutor(threads.pool())
            .readerExecutor(threads.pool())
            .writerExecutor(threads.pool())
            .scheduledExecutor(threads.timer())
            .connectionListener(listener)
            .errorListener(errors);
    if (tls != null) {
      // By its name, which the certificate has, and not by its address.
      options.sslContext(tls).hostnameResolveMode(Options.HostnameResolveMode.HappyEyeballs);
    }
    if (credentialsFile != null) {
      options.authHandler(Nats.credentials(credentialsFile));
    } else {
      authenticate(options);
    }
    Connection connection = Nats.connect(options.build());
    discovered(connection.getServers());
    return connection;
  }

  /** Asked at every connection: they may be others by now. */
  private void authenticate(Options.Builder options) throws InterruptedException, ExecutionException, TimeoutException {
    Credentials given =
        config.credentials().credentials().toCompletableFuture().get(config.connectTimeout().toMillis() + 1, TimeUnit.MILLISECONDS);
    if (given instanceof Credentials.Token token) {
      options.token(token.value().toCharArray());
    } else if (given instanceof Credentials.UserPassword user) {
      options.userInfo(user.user(), user.password());
    }
  }

  /** Whoever tells of too many is not to fill the memory. */
  private void discovered(Collection<String> servers) {
    servers.stream().filter(server -> known.size() < 64).forEach(known::add);
  }

  /** What kept it from connecting. The library itself says only that something did. */
  Throwable cause(Throwable fault) {
    CertificateException untrusted = refused;
    return untrusted == null ? fault : untrusted;
  }

  private static Duration atLeast(Duration duration, Duration least) {
    return duration.compareTo(least) < 0 ? least : duration;
  }

  @Override
  public String toString() {
    return String.join(", ", config.endpoints().stream().map(Endpoint::toString).toList());
  }
}
