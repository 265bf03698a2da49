// go-oidc and golang.org/x/oauth2 as their documentation has them; signon.go is what was printed.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"log"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

var (
	state, verifier string
	token           *oauth2.Token
)

func answer(w http.ResponseWriter, value any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}

func main() {
	port, issuer := os.Args[1], os.Args[2]
	ctx := context.Background()
	provider, config, err := signon(ctx)
	if err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if token == nil {
			state, verifier = rand.Text(), oauth2.GenerateVerifier()
			http.Redirect(w, r, config.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusFound)
			return
		}
		told, err := provider.UserInfo(ctx, config.TokenSource(ctx, token))
		var claims map[string]any
		if err == nil {
			err = told.Claims(&claims)
		}
		answer(w, map[string]any{"name": claims["name"], "email": claims["email"]}, err)
	})
	http.HandleFunc("/callback", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("state") != state {
			http.Error(w, "state", http.StatusBadRequest)
			return
		}
		got, err := config.Exchange(ctx, r.URL.Query().Get("code"), oauth2.VerifierOption(verifier))
		if err == nil {
			raw, _ := got.Extra("id_token").(string)
			_, err = provider.Verifier(&oidc.Config{ClientID: config.ClientID}).Verify(ctx, raw)
		}
		if err != nil {
			answer(w, nil, err)
			return
		}
		token = got
		http.Redirect(w, r, "/", http.StatusFound)
	})
	http.HandleFunc("/refresh", func(w http.ResponseWriter, r *http.Request) {
		old := *token
		old.Expiry = time.Now().Add(-time.Hour)
		fresh, err := config.TokenSource(ctx, &old).Token()
		if err == nil {
			token = fresh
		}
		answer(w, map[string]any{"refreshed": token.AccessToken != old.AccessToken}, err)
	})
	http.HandleFunc("/sign-out", func(w http.ResponseWriter, r *http.Request) {
		token = nil
		asked := url.Values{"client_id": {config.ClientID}, "post_logout_redirect_uri": {"http://localhost:" + port + "/goodbye"}}
		http.Redirect(w, r, issuer+"/oauth2/end_session?"+asked.Encode(), http.StatusFound)
	})
	http.HandleFunc("/goodbye", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("goodbye"))
	})
	log.Fatal(http.ListenAndServe("localhost:"+port, nil))
}
