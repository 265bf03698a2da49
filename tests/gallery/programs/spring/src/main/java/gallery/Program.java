package gallery;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.client.OAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.OAuth2AuthorizationContext;
import org.springframework.security.oauth2.client.RefreshTokenOAuth2AuthorizedClientProvider;
import org.springframework.security.oauth2.client.annotation.RegisteredOAuth2AuthorizedClient;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUser;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.core.Authentication;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import java.time.Duration;

/** Spring Boot with spring-boot-starter-oauth2-client, configured by its properties alone. */
@SpringBootApplication
@RestController
public class Program {
  public static void main(String[] arguments) {
    SpringApplication.run(Program.class, arguments);
  }

  @Bean
  SecurityFilterChain chain(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
    var goodbye = new OidcClientInitiatedLogoutSuccessHandler(clients);
    goodbye.setPostLogoutRedirectUri("{baseUrl}/goodbye");
    return http
        .authorizeHttpRequests(all -> all.requestMatchers("/goodbye").permitAll().anyRequest().authenticated())
        .oauth2Login(Customizer.withDefaults())
        .csrf(csrf -> csrf.disable())
        .logout(logout -> logout.logoutSuccessHandler(goodbye))
        .build();
  }

  @GetMapping("/")
  Map<String, Object> home(@AuthenticationPrincipal OidcUser user) {
    return Map.of("sub", user.getSubject(), "name", user.getFullName(), "email", user.getEmail());
  }

  @GetMapping("/refresh")
  Map<String, Object> refresh(
      Authentication who, @RegisteredOAuth2AuthorizedClient("signon") OAuth2AuthorizedClient client) {
    var provider = new RefreshTokenOAuth2AuthorizedClientProvider();
    provider.setClockSkew(Duration.ofHours(1)); // what is worth five minutes is old
    var context = OAuth2AuthorizationContext.withAuthorizedClient(client).principal(who).build();
    var fresh = provider.authorize(context);
    return Map.of("refreshed", !fresh.getAccessToken().getTokenValue().equals(client.getAccessToken().getTokenValue()));
  }

  @GetMapping("/goodbye")
  String goodbye() {
    return "goodbye";
  }
}
